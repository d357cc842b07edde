// Our court with the real KlerosLiquid (the contract of Kleros' mainnet court, as its authors compiled it) as arbitrator:
// a case that jurors decide, one that they decide otherwise on appeal, one that they decide too late.
import { Chain, cast, expect, ours, topic } from "../lib/chain.mjs";
import { CHALLENGER, FEE_FOR_JUROR, Liquid, RESPONDENT, SIDES, say } from "./liquid.mjs";

const ETHER = 10n ** 18n;
const NONE = "0x" + "0".repeat(64);
const STATES = ["None", "Open", "Contested", "Ruled", "Appealed", "Closed"];

const digest = (text) => cast("keccak", text);
const coins = (wei) => `${Number(wei / 10n ** 12n) / 1e6} ETH`;

/** The modules that a court is wired to, a dataset with a backing, and the court. */
async function deployCourt(chain, kleros) {
  const [dao, publisher] = chain.accounts;
  const manager = await chain.deploy(ours("AccessManager"), "(address)", dao);
  const registry = await chain.deploy(
    ours("DatasetRegistry"),
    "(address,address,bytes32,bool)",
    ...[manager, dao, digest("project"), false],
  );
  const stake = await chain.clone(await chain.deploy(ours("ValidatorStake")), [manager, registry, dao]);
  const ledger = await chain.clone(await chain.deploy(ours("UsageLedger")), [manager, registry, dao]);
  const implementation = await chain.deploy(ours("DisputeCourt"));
  const court = await chain.clone(implementation, [manager, registry, stake, ledger, dao]);

  // The court of Kleros that rules, and the number of jurors.
  const extraData = cast("abi-encode", "f(uint256,uint256)", 0, 3);
  const [lock, bond, bps, challenge, answer, ruling, appeal] = [ETHER, ETHER, 1000, 3600, 3600, 7200, 3600];
  const unbonding = challenge + answer + 2 * ruling + appeal;
  const config = `(${[lock, bond, bps, challenge, answer, ruling, appeal, unbonding, 60, 1, kleros, extraData]})`;
  const initialize =
    "initialize((uint96,uint96,uint16,uint32,uint32,uint32,uint32,uint32,uint32,uint96,address,bytes))";
  await chain.send(dao, stake, initialize, [config]);
  await chain.send(dao, ledger, initialize, [config]);
  const receipt = await chain.send(dao, court, initialize, [config]);
  checkMetaEvidence(receipt.logs[0]);

  const role = async (target, ...signatures) => {
    const selectors = `[${signatures.map((signature) => cast("sig", signature))}]`;
    await chain.send(dao, manager, "setTargetFunctionRole(address,bytes4[],uint64)", [target, selectors, 1]);
  };
  await role(registry, "ruleStatus(bytes32,uint32,uint8,bytes32)");
  await role(stake, "hold(bytes32)", "take(bytes32)", "giveBack(bytes32,uint32)", "forfeit(bytes32)");
  await role(ledger, "holdReport(bytes32)", "upholdReport(bytes32,uint32)", "strikeReport(bytes32)");
  await chain.send(dao, manager, "grantRole(uint64,address,uint32)", [1, court, 0]);

  // Three versions of a dataset, with 20 coins behind it.
  const salt = digest("raccoons");
  const [dataset] = await chain.read(registry, "datasetIdOf(address,bytes32)(bytes32)", publisher, salt);
  const type = "(bytes32,uint32,bytes32,bytes32,uint64,bytes32,bytes32,bytes32,bytes32,bytes32)";
  const version = (number) => {
    const part = (name) => digest(`${name} ${number}`);
    return `(${[dataset, number, part("package"), part("records"), 213]},${[
      part("contributors"),
      part("splits"),
      part("card"),
      part("license"),
      NONE,
    ]})`;
  };
  const meta = digest("documents");
  await chain.send(publisher, registry, `register(bytes32,${type},bytes32)`, [salt, version(1), meta]);
  for (const number of [2, 3]) {
    const [previous] = await chain.read(registry, "keyAt(bytes32,uint32)(bytes32)", dataset, number - 1);
    await chain.send(publisher, registry, `addVersion(bytes32,${type},bytes32)`, [previous, version(number), meta]);
  }
  await chain.send(publisher, stake, "stake()", [], 20n * ETHER);
  await chain.send(publisher, stake, "back(bytes32,uint96)", [dataset, 20n * ETHER]);
  say(`court at ${court}, its arbitrator is KlerosLiquid; 20 ETH of stake are behind the dataset`);
  return { court, registry, stake, dataset, dao };
}

/** ERC-1497: what an arbitrator's interface reads, without a server. */
function checkMetaEvidence(log) {
  expect(log.topics[0], topic("MetaEvidence(uint256,string)"), "first event of a court");
  const uri = JSON.parse(cast("decode-abi", "--json", "f()(string)", log.data))[0];
  const prefix = "data:application/json,";
  if (!uri.startsWith(prefix)) throw new Error(`meta-evidence is not a document: ${uri}`);
  const meta = JSON.parse(uri.slice(prefix.length));
  expect(meta.rulingOptions.titles.length, 2, "choices besides none");
  say(`meta-evidence: "${meta.title}": ${meta.question} ${meta.rulingOptions.titles.join(" / ")}`);
}

class Trial {
  constructor(liquid, made) {
    Object.assign(this, { chain: liquid.chain, liquid, kleros: liquid.address, ...made });
    [, , this.alice, this.bob, this.keeper] = liquid.chain.accounts;
  }

  async state(id) {
    const data = await this.chain.rpc(
      "eth_call",
      { to: this.court, data: cast("calldata", "caseOf(uint256)", id) },
      "latest",
    );
    const word = (index) => BigInt("0x" + data.slice(2 + 64 * index, 66 + 64 * index));
    const [deadline, state, ruling, holdsLock] = [word(1), word(3), word(4), word(5)];
    const [bond, fee, slashed, disputeId] = [word(11), word(12), word(15), word(16)];
    return { deadline, state: STATES[Number(state)], ruling: SIDES[Number(ruling)], holdsLock, bond, fee, slashed, disputeId };
  }

  /** Opens a case on a version, answers it, and hands it to Kleros. */
  async contest(number) {
    const { chain, court, alice, bob, keeper, dataset } = this;
    const [key] = await chain.read(this.registry, "keyAt(bytes32,uint32)(bytes32)", dataset, number);
    const [bond] = await chain.read(court, "bondFor(bytes32,uint256)(uint256)", key, 20n * ETHER);
    const evidence = [dataset, number, digest(`evidence ${number}`), "ipfs://evidence"];
    await chain.send(alice, court, "openVersion(bytes32,uint32,bytes32,string)", evidence, BigInt(bond));
    const [id] = await chain.read(court, "caseCount()(uint256)");
    await chain.send(bob, court, "join(uint256,uint8)", [id, RESPONDENT], BigInt(bond));
    await chain.pass(3600);
    const before = await chain.balance(this.kleros);
    const receipt = await chain.send(keeper, court, "submit(uint256)", [id]);
    const fee = (await chain.balance(this.kleros)) - before;
    const { state, disputeId } = await this.state(id);
    expect(state, "Contested", `state of case ${id}`);
    expect(fee, 3n * FEE_FOR_JUROR, "fee that Kleros got");
    const dispute = receipt.logs.find((log) => log.topics[0] === topic("Dispute(address,uint256,uint256,uint256)"));
    expect(BigInt(dispute.topics[1]), BigInt(this.kleros), "arbitrator in the event Dispute");
    expect(BigInt(dispute.topics[2]), disputeId, "dispute in the event Dispute");
    const [, arbitrated, choices] = await chain.read(
      this.kleros,
      "disputes(uint256)(uint96,address,uint256,uint8,uint256,uint256,uint256,bool)",
      disputeId,
    );
    expect(arbitrated.toLowerCase(), court.toLowerCase(), "arbitrable in Kleros");
    expect(choices, 2, "choices in Kleros");
    say(`case ${id} on version ${number}: bonds of ${coins(BigInt(bond))}, dispute ${disputeId} for ${coins(fee)}, `
      + `${receipt.gasUsed * 1} gas`);
    return { id, disputeId, bond: BigInt(bond) };
  }

  async close(id) {
    const receipt = await this.chain.send(this.keeper, this.court, "close(uint256)", [id]);
    const after = await this.state(id);
    expect(after.state, "Closed", `state of case ${id}`);
    say(`case ${id} closed for ${after.ruling}, ${coins(after.slashed)} slashed, ${receipt.gasUsed * 1} gas`);
    return after;
  }

  async withdraw(id, account, expected, who) {
    const before = await this.chain.balance(account);
    await this.chain.send(this.keeper, this.court, "withdraw(uint256,address)", [id, account]);
    const got = (await this.chain.balance(account)) - before;
    expect(got, expected, `what ${who} got of case ${id}`);
    say(`case ${id} paid ${who} ${coins(got)}`);
  }

  async status(number) {
    const [key] = await this.chain.read(this.registry, "keyAt(bytes32,uint32)(bytes32)", this.dataset, number);
    const [status] = await this.chain.read(this.registry, "statusOf(bytes32)(uint8,bool)", key);
    return ["Active", "Deprecated", "Recalled", "Disputed"][Number(status)];
  }

  /** Jurors rule for the respondent. */
  async dismissed() {
    const { id, disputeId, bond } = await this.contest(1);
    const votes = await this.liquid.vote(disputeId, 0, RESPONDENT);
    if (!(await this.chain.reverts(this.keeper, this.kleros, "executeRuling(uint256)", [disputeId]))) {
      throw new Error("Kleros ruled before its appeal period was over");
    }
    await this.liquid.end(disputeId);
    await this.liquid.executeRuling(disputeId);
    expect((await this.state(id)).state, "Ruled", `state of case ${id}`);
    expect((await this.state(id)).ruling, "the respondent", `ruling of case ${id}`);
    await this.close(id);
    await this.liquid.payJurors(disputeId, 0, votes);
    // Kleros' fee and half of the rest of Alice's bond are gone.
    await this.withdraw(id, this.bob, bond + (bond - 3n * FEE_FOR_JUROR) / 2n, "the respondent");
    expect(await this.status(1), "Active", "status of version 1");
  }

  /** Jurors rule for the respondent, then, on appeal through our court, for the challenger. */
  async appealed() {
    const { chain, court, alice } = this;
    const { id, disputeId, bond } = await this.contest(2);
    const first = await this.liquid.vote(disputeId, 0, RESPONDENT);
    const [cost] = await chain.read(this.kleros, "appealCost(uint256,bytes)(uint256)", disputeId, "0x");
    const before = (await this.state(id)).deadline;
    await chain.send(alice, court, "appeal(uint256)", [id], BigInt(cost) + 5n);
    say(`case ${id} appealed for ${coins(BigInt(cost))}, ${(await this.state(id)).deadline - before} s more to rule`);
    await this.withdraw(id, alice, 5n, "the appellant, who sent 5 wei too much,");
    const second = await this.liquid.vote(disputeId, 1, CHALLENGER);
    await this.liquid.end(disputeId);
    await this.liquid.executeRuling(disputeId);
    const { slashed } = await this.close(id);
    expect(slashed, 20n * ETHER, "slashed");
    await this.liquid.payJurors(disputeId, 0, first);
    await this.liquid.payJurors(disputeId, 1, second);
    await this.withdraw(id, alice, bond + (bond - 3n * FEE_FOR_JUROR + slashed) / 2n, "the challenger");
    expect(await this.status(2), "Recalled", "status of version 2");
  }

  /** Jurors rule, but our deadline is over and somebody has closed the case: each side gets back what the fee left. */
  async late() {
    const { id, disputeId, bond } = await this.contest(3);
    const votes = await this.liquid.vote(disputeId, 0, CHALLENGER);
    await this.chain.pass(7200);
    await this.liquid.end(disputeId);
    await this.close(id);
    if (!(await this.chain.reverts(this.keeper, this.kleros, "executeRuling(uint256)", [disputeId]))) {
      throw new Error("a ruling after the default was taken");
    }
    say("Kleros' ruling after the default is refused");
    await this.liquid.payJurors(disputeId, 0, votes);
    const half = (3n * FEE_FOR_JUROR) / 2n;
    await this.withdraw(id, this.alice, bond - half, "the challenger");
    await this.withdraw(id, this.bob, bond - half, "the respondent");
    expect(await this.status(3), "Active", "status of version 3");
  }

  /** The treasury pulls its halves, and nothing is left. */
  async empty() {
    const before = await this.chain.balance(this.dao);
    await this.chain.send(this.keeper, this.court, "withdrawTreasury()");
    say(`treasury got ${coins((await this.chain.balance(this.dao)) - before)}`);
    const left = await this.chain.balance(this.court);
    if (left > 3n) throw new Error(`the court kept ${left} wei`);
    say(`left in the court: ${left} wei`);
  }
}

await Chain.with(async (chain) => {
  const liquid = await Liquid.deploy(chain);
  const trial = new Trial(liquid, await deployCourt(chain, liquid.address));
  await trial.dismissed();
  await trial.appealed();
  await trial.late();
  await trial.empty();
});
