// Whole pushes with a real arlocal: node suite.mjs DGOV DATA WORK
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startArlocal, strictGateway } from "./arlocal.mjs";
import { pushThroughBundler } from "./bundler.mjs";
import { blocks } from "./car.mjs";
import { Project, copy, expect, fail } from "./project.mjs";
import { arweave, checkChunk, checkTransaction, isCovered } from "./strict.mjs";

const [dgov, data, work] = process.argv.slice(2);
const say = (text) => console.log(`  ${text}`);

async function wallet(folder, upstream, winston) {
  const jwk = await arweave.wallets.generate();
  const file = join(folder, `wallet-${winston}.json`);
  writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 });
  const address = await arweave.wallets.jwkToAddress(jwk);
  await fetch(`${upstream}/mint/${address}/${winston}`);
  return { file, address, balance: async () => Number(await (await fetch(`${upstream}/wallet/${address}/balance`)).text()) };
}

const tagsOf = (tx) => Object.fromEntries(tx.tags.map(({ name, value }) => [name, value].map((text) => Buffer.from(text, "base64url").toString())));
const waits = (result) => result.json.warnings.some((warning) => warning.code === "storage.waiting");
const mine = async (upstream) => (await fetch(`${upstream}/mine`)).text();

/** The upload as arlocal gives it, read by a CAR reader of others: all blocks right, the index last. */
async function readCar(gateway, tx) {
  const car = Buffer.from(await (await fetch(`${gateway}/${tx.id}`)).arrayBuffer());
  expect(car.length, Number(tx.data_size), "bytes that arlocal serves");
  const found = blocks(car);
  const index = found.at(-1)[1];
  expect([index.subarray(0, 8).toString(), index.length], ["dgovidx1", Number(tagsOf(tx)["Index-Length"])], "the index");
  expect(index.length, 8 + 44 * (found.length - 1), "one entry for each block");
  expect(found[0][0], tagsOf(tx)["Root-CID"], "the first block of a package of one shard");
  return found.length - 1;
}

async function wholePush(gateway, purse) {
  const folder = join(work, "whole");
  const real = existsSync(join(data, "raccoon"));
  const files = real ? copy(join(data, "raccoon"), readdirSync(join(data, "raccoon"))) : small(4_000_000);
  const project = await Project.make(dgov, folder, `gateway = "${gateway.url}"`, files, { DGOV_ARWEAVE_KEYFILE: purse.file });
  const { seen } = gateway;

  const before = await purse.balance();
  const refused = await project.try({}, "data", "push");
  expect([refused.code, refused.json.errors[0].code], [8, "confirm.not_asked"], "a push without --yes");
  expect(seen.transactions.length, 0, "what that posted");
  project.write(`gateway = "${gateway.url}"`, false);
  const silent = await project.try({}, "data", "push", "--yes");
  expect([silent.code, silent.json.errors[0].code], [8, "contributors.permanent"], "--yes and no word on contributors");
  project.write(`gateway = "${gateway.url}"`, true);

  const started = Date.now();
  const pushed = await project.try({}, "data", "push", "--yes");
  if (pushed.code !== 0) fail(`${JSON.stringify(pushed.json.errors)} ${pushed.err}`);
  expect(pushed.json.data.stored, ["local", "arweave"], "stores");
  expect(waits(pushed), true, "whether a push says that it waits for a block");
  expect(seen.refused, [], "what the strict gateway refused");
  expect(seen.transactions.length, 2, "transactions");
  for (const tx of seen.transactions) expect(await isCovered(tx, seen.chunks), true, "chunks cover the data");
  const [whole] = seen.transactions;
  expect({ ...tagsOf(whole), "Index-Length": "" }, {
    "App-Name": "dgov", "Content-Type": "application/vnd.ipld.car; version=1", "Root-CID": pushed.json.data.cid, Shard: "0", Shards: "1", "Index-Length": "",
  }, "tags");
  const fee = before - await purse.balance();
  say(`pushed ${whole.data_size} bytes in ${seen.chunks.length} chunks and ${seen.transactions.length} transactions in ${Date.now() - started} ms; arlocal took ${fee} winston`);

  await project.run("data", "push", "--yes");
  expect(seen.transactions.length, 2, "transactions after a second push");
  await mine(gateway.upstream);
  let count = 0;
  for (const tx of seen.transactions) count += await readCar(gateway.upstream, tx);
  say(`${count} blocks read back from arlocal by a CAR reader of its own, all right`);

  project.forget("ledger.db", "ledger.db-wal", "ledger.db-shm");
  const asked = seen.questions;
  const again = await project.try({}, "data", "push", "--yes");
  expect(again.json.data.stored, ["local", "arweave"], "stores without a ledger");
  expect([seen.transactions.length, seen.questions > asked, waits(again)], [2, true, false], "a push without a ledger asks and pays nothing");

  for (const ranges of [true, false]) {
    gateway.options.ranges = ranges;
    Object.assign(seen, { parts: 0, wholes: 0 });
    project.forget("store", "ledger.db", "ledger.db-wal", "ledger.db-shm");
    const name = firstFile(join(folder, "data"));
    appendFileSync(join(folder, "data", name), "x");
    const verified = await project.try({}, "data", "verify");
    expect(verified.code, 7, "a changed file");
    const message = verified.json.errors[0].message;
    if (!message.includes(`${name} changed, first at byte`)) fail(`the changed file is not named: ${message}`);
    say(`without local store and ledger, ${ranges ? `${seen.parts} ranges` : `${seen.wholes} whole uploads`} read: "${message}"`);
  }
  gateway.options.ranges = false;
  await mutations(seen);
}

function firstFile(folder) {
  const [name] = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
  return name;
}

/** The judges refuse what was changed: else they would say nothing. */
async function mutations(seen) {
  const flip = (text, at) => {
    const bytes = Buffer.from(text, "base64url");
    bytes[at < 0 ? bytes.length + at : at] ^= 1;
    return bytes.toString("base64url");
  };
  let refused = 0;
  for (const key of ["signature", "owner", "last_tx", "data_root", "id"]) {
    for (const at of [0, 17, -1]) {
      if (!(await checkTransaction({ ...seen.transactions[0], [key]: flip(seen.transactions[0][key], at) }))) fail(`a changed ${key} passes`);
      ++refused;
    }
  }
  for (const [key, value] of [["reward", "1"], ["data_size", "1"], ["tags", []]]) {
    if (!(await checkTransaction({ ...seen.transactions[0], [key]: value }))) fail(`a changed ${key} passes`);
    ++refused;
  }
  for (const chunk of [seen.chunks[0], seen.chunks.at(-1)]) {
    for (const [key, at] of [["chunk", 0], ["chunk", -1], ["data_path", 0], ["data_path", -33], ["data_path", -1], ["data_root", 5]]) {
      if (!(await checkChunk({ ...chunk, [key]: flip(chunk[key], at) }, seen.transactions))) fail(`a changed ${key} passes`);
      ++refused;
    }
  }
  say(`${refused} changed transactions and chunks are refused by arweave-js`);
}

function small(bytes) {
  return async (folder) => {
    mkdirSync(folder, { recursive: true });
    const content = Buffer.alloc(bytes);
    for (let i = 0, state = bytes >>> 0; i < bytes; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      content[i] = state >>> 24;
    }
    writeFileSync(join(folder, "a.bin"), content);
    writeFileSync(join(folder, "b.txt"), "b\n");
  };
}

/** Killed at every point that a push has, one after the other: one payment for each package. */
async function kills(gateway, purse) {
  const environment = { DGOV_ARWEAVE_KEYFILE: purse.file };
  const { seen } = gateway;
  for (const lose of [false, true]) {
    const project = await Project.make(dgov, join(work, `kills-${lose}`), `gateway = "${gateway.url}"`, small(lose ? 900_000 : 1_000_000), environment);
    const [from, refused] = [seen.transactions.length, seen.refused.length];
    let killed = 0;
    for (let point = 1; ; ++point) {
      const result = await project.try({ DGOV_FAULT_AT: String(point) }, "data", "push", "--yes");
      if (result.code === 0) break;
      if (result.code !== null) fail(`killed at ${point}: exit ${result.code}: ${JSON.stringify(result.json?.errors)}`);
      ++killed;
      const posted = seen.transactions.length > from;
      // What was signed and never posted is lost with the ledger, and costs nothing: only then a new one is signed.
      if (lose && posted && killed % 2 === 0) {
        await mine(gateway.upstream);
        project.forget("ledger.db", "ledger.db-wal", "ledger.db-shm");
      }
      if (killed > 200) fail("the push never ends");
    }
    const made = seen.transactions.slice(from);
    expect(new Set(made.map((tx) => tagsOf(tx)["Root-CID"])).size, 2, "packages");
    expect(made.length, 2, "payments");
    expect(seen.refused.length, refused, "what the strict gateway refused");
    for (const tx of made) expect(await isCovered(tx, seen.chunks), true, "chunks cover the data");
    await mine(gateway.upstream);
    for (const tx of made) await readCar(gateway.upstream, tx);
    say(`killed ${killed} times${lose ? ", the ledger deleted in between" : ""}: 2 packages, 2 payments`);
  }
}

async function trouble(gateway, poor) {
  const project = await Project.make(dgov, join(work, "poor"), `gateway = "${gateway.url}"`, small(50_000));
  const none = await project.try({}, "data", "push", "--yes");
  expect([none.code, none.json.errors[0].code], [2, "storage.no_wallet"], "a push without a wallet");
  const result = await project.try({ DGOV_ARWEAVE_KEYFILE: poor.file }, "data", "push", "--yes");
  expect(result.code, 6, "a wallet without money");
  if (!/has 0\.000000000001 AR where/.test(result.json.errors[0].message)) fail(result.json.errors[0].message);
  say(`no wallet: ${none.json.errors[0].message}; no money: ${result.json.errors[0].message}`);
}

const arlocal = await startArlocal(work);
try {
  const gateway = Object.assign(await strictGateway(arlocal.url), { upstream: arlocal.url });
  await mine(arlocal.url);
  const purse = await wallet(work, arlocal.url, 10_000_000_000_000);
  await wholePush(gateway, purse);
  await kills(gateway, purse);
  await trouble(gateway, await wallet(work, arlocal.url, 1));
  await pushThroughBundler({ dgov, folder: join(work, "bundler"), gateway, purse, files: small(700_000), say });
} finally {
  arlocal.stop();
}
process.exit(0);
