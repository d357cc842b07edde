// The same through the whole suite, as people use it: dgov deploys a project whose arbitrator is the real KlerosLiquid, and
// opens, answers, submits, appeals and closes a case there; jurors rule.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chain, cast, expect } from "../lib/chain.mjs";
import { CHALLENGER, FEE_FOR_JUROR, Liquid, RESPONDENT, say } from "./liquid.mjs";

const DGOV = process.argv[2];
const MILLI = 10n ** 15n;

/** A folder with a project on the node, and dgov in it. */
class Project {
  constructor(chain, arbitrator) {
    this.dir = mkdtempSync(join(tmpdir(), "dgov-kleros-"));
    const data = join(this.dir, "data", "notes");
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "1.txt"), "one\n");
    writeFileSync(join(this.dir, "contributors.csv"), `account,shares\n${chain.accounts[1]},1\n`);
    writeFileSync(join(this.dir, "found.txt"), "1.txt is not ours\n");
    writeFileSync(join(this.dir, "more.txt"), "and here is the proof\n");
    writeFileSync(join(this.dir, "dgov.toml"), `[project]
name = "kleros"
[networks.anvil]
rpc-url = "${chain.url}"
chain-id = 31337
[storage]
targets = ["local"]
[governance.token]
name = "Interop"
symbol = "INT"
supply = "1000000"
[licenses.open]
spdx = "MIT"
allow = ["evaluate"]
price = "0.01 ETH"
duration = "365d"
[disputes]
bond = "0.05 ETH"
answer-window = "1h"
ruling-window = "2h"
appeal-window = "1h"
arbitrator = "${cast("to-check-sum-address", arbitrator)}"
arbitrator-data = "${cast("abi-encode", "f(uint256,uint256)", 0, 3)}"
[datasets.notes]
path = "data/notes"
license = "open"
contributors = "contributors.csv"
`);
  }

  run(exit, ...args) {
    const env = { PATH: "/usr/bin:/bin", HOME: this.dir, NO_PROXY: "*" };
    const done = spawnSync(DGOV, [...args, "--json"], { cwd: this.dir, env, encoding: "utf8" });
    if (done.status !== exit) {
      throw new Error(`dgov ${args.join(" ")}: exit ${done.status}\n${done.stdout}${done.stderr}`);
    }
    const { data, errors } = JSON.parse(done.stdout);
    return exit === 0 ? data : errors[0];
  }

  ok(...args) {
    return this.run(0, ...args);
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function story(chain, liquid, project) {
  project.ok("deploy");
  project.ok("data", "push", "notes");
  say("dgov deployed a project whose arbitrator is KlerosLiquid, and pushed a dataset");

  const opened = project.ok("dispute", "open", "notes", "--evidence", "found.txt", "--from", "dev2");
  const bond = 50n * MILLI + 3n * FEE_FOR_JUROR;
  expect(opened.bond_wei, bond, "bond: the least one and the fee of three jurors");
  project.ok("dispute", "join", "1", "--side", "respondent", "--from", "dev3");
  project.ok("dispute", "evidence", "1", "more.txt", "--from", "dev2");
  await chain.pass(3600);
  const submitted = project.ok("dispute", "submit", "1");
  expect(submitted.state, "contested", "state of the case");
  const refused = project.run(5, "dispute", "rule", "1", "challenger");
  expect(refused.code, "dispute.arbitrator_rules", "what a ruling of the DAO is answered with");
  say(`dgov: ${refused.message}`);

  const dispute = submitted.dispute_id;
  await liquid.vote(dispute, 0, RESPONDENT);
  const appealed = project.ok("dispute", "appeal", "1", "--from", "dev2");
  say(`dgov appealed for ${appealed.paid_wei} wei; the case waits until ${appealed.case.deadline}`);
  await liquid.vote(dispute, 1, CHALLENGER);
  await liquid.end(dispute);
  await liquid.executeRuling(dispute);
  const shown = project.ok("dispute", "show", "1");
  expect(`${shown.state} for ${shown.ruling}`, "ruled for challenger", "what dgov shows");
  const closed = project.ok("dispute", "close", "1", "--all", "--from", "dev4");
  const spoils = bond - 3n * FEE_FOR_JUROR;
  const paid = closed.payments.map((payment) => payment.amount_wei);
  expect(paid, [bond + spoils / 2n, spoils / 2n], "payments to the challenger and the treasury");
  expect(project.ok("data", "list").datasets[0].status, "recalled", "status of the version");
  say(`dgov closed the case for the challenger and paid ${paid.join(" and ")} wei; the version is recalled`);
}

await Chain.with(async (chain) => {
  const liquid = await Liquid.deploy(chain);
  const project = new Project(chain, liquid.address);
  try {
    await story(chain, liquid, project);
  } finally {
    project.remove();
  }
});
