// The real KlerosLiquid: the contract of Kleros' mainnet court, as its authors compiled it, and what its jurors do.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "../lib/chain.mjs";
import { packageFolder } from "../lib/package.mjs";

const ETHER = 10n ** 18n;
const ZERO = "0x" + "0".repeat(40);
const PERIOD = 60n;

export const FEE_FOR_JUROR = ETHER / 100n;
export const SIDES = ["nobody", "the challenger", "the respondent"];
export const [CHALLENGER, RESPONDENT] = [1, 2];
export const say = (text) => process.stdout.write(`   ${text}\n`);

export class Liquid {
  constructor(chain, address) {
    Object.assign(this, { chain, address, keeper: chain.accounts[4] });
  }

  /** Deploys it with its token, randomness, sortition library and five jurors who have staked. */
  static async deploy(chain) {
    const folder = packageFolder(
      "@kleros/kleros",
      "0.1.5",
      "sha512-aq3tGWzF5no52l67qKKAThsuS26VQTP+EeuKufMRV0aliViQ41MMk2mD2KmL7SZNz7H90SjbNuuzyPEvHgFcZA==",
    );
    const code = (name) => JSON.parse(readFileSync(join(folder, "build", "contracts", `${name}.json`), "utf8")).bytecode;
    const governor = chain.accounts[0];
    const factory = await chain.deploy(code("MiniMeTokenFactory"));
    const token = await chain.deploy(
      code("MiniMeTokenERC20"),
      "(address,address,uint256,string,uint8,string,bool)",
      ...[factory, ZERO, 0, "Pinakion", 18, "PNK", true],
    );
    const random = await chain.deploy(code("ConstantNG"), "(uint256)", 42);
    const sortition = await chain.deploy(code("SortitionSumTreeFactory"));
    const linked = code("KlerosLiquid").replace(/__SortitionSumTreeFactory_+/g, sortition.slice(2));
    const kleros = await chain.deploy(
      linked,
      "(address,address,address,uint256,uint256,bool,uint256,uint256,uint256,uint256,uint256[4],uint256)",
      ...[governor, token, random, PERIOD, PERIOD, false, 1000n * ETHER, 10_000, FEE_FOR_JUROR, 511],
      ...[`[${PERIOD},${PERIOD},${PERIOD},${PERIOD}]`, 5],
    );
    const jurors = chain.accounts.slice(5, 10);
    for (const juror of jurors) {
      await chain.send(governor, token, "generateTokens(address,uint256)", [juror, 100_000n * ETHER]);
    }
    await chain.send(governor, token, "changeController(address)", [kleros]);
    for (const juror of jurors) {
      await chain.send(juror, kleros, "setStake(uint96,uint128)", [0, 20_000n * ETHER]);
    }
    const size = ((await chain.rpc("eth_getCode", kleros, "latest")).length - 2) / 2;
    say(`KlerosLiquid of @kleros/kleros 0.1.5 at ${kleros}, ${size} bytes; ${jurors.length} jurors have staked`);
    return new Liquid(chain, kleros);
  }

  /** Kleros draws jurors, and those drawn vote; up to the end of the vote. */
  async vote(disputeId, round, choice) {
    const { chain, address: kleros, keeper } = this;
    const phase = async (expected) => {
      await chain.pass(PERIOD + 1n);
      await chain.send(keeper, kleros, "passPhase()");
      const [now] = await chain.read(kleros, "phase()(uint8)");
      expect(now, expected, "phase of Kleros");
    };
    // From staking to generating a number to drawing.
    await phase(1);
    await phase(2);
    const votes = 3 * 2 ** round + (2 ** round - 1);
    await chain.send(keeper, kleros, "drawJurors(uint256,uint256)", [disputeId, votes]);
    const byJuror = new Map();
    for (let vote = 0; vote < votes; ++vote) {
      const [juror] = await chain.read(
        kleros,
        "getVote(uint256,uint256,uint256)(address,bytes32,uint256,bool)",
        ...[disputeId, round, vote],
      );
      byJuror.set(juror, [...(byJuror.get(juror) ?? []), vote]);
    }
    await chain.pass(PERIOD + 1n);
    await chain.send(keeper, kleros, "passPeriod(uint256)", [disputeId]);
    for (const [juror, own] of byJuror) {
      const ballot = [disputeId, `[${own}]`, choice, 0];
      await chain.send(juror.toLowerCase(), kleros, "castVote(uint256,uint256[],uint256,uint256)", ballot);
    }
    await chain.send(keeper, kleros, "passPeriod(uint256)", [disputeId]);
    const [ruling] = await chain.read(kleros, "currentRuling(uint256)(uint256)", disputeId);
    expect(ruling, choice, "ruling of Kleros so far");
    say(`round ${round}: ${votes} votes of ${byJuror.size} jurors for ${SIDES[choice]}`);
    // Back to staking, for the next round or dispute.
    await phase(0);
    return votes;
  }

  /** The appeal period ends. */
  async end(disputeId) {
    await this.chain.pass(PERIOD + 1n);
    await this.chain.send(this.keeper, this.address, "passPeriod(uint256)", [disputeId]);
  }

  async payJurors(disputeId, round, votes) {
    const receipt = await this.chain.send(
      ...[this.keeper, this.address, "execute(uint256,uint256,uint256)", [disputeId, round, 2 * votes]],
    );
    say(`round ${round}: Kleros paid its jurors (${receipt.logs.length} events)`);
  }

  async executeRuling(disputeId) {
    return this.chain.send(this.keeper, this.address, "executeRuling(uint256)", [disputeId]);
  }
}
