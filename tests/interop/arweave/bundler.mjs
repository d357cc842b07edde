// A bundling service, named stub: no Turbo runs offline. It takes data items as Turbo's interface has it, judges them by
// arbundles, and puts them into a bundle of a transaction that arlocal unpacks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { body, listen } from "./arlocal.mjs";
import { blocks } from "./car.mjs";
import { Project, expect, fail } from "./project.mjs";
import { arweave } from "./strict.mjs";

const require = createRequire(import.meta.url);
const { Bundle, DataItem, longTo32ByteArray } = require("@dha-team/arbundles");

async function stub(gateway, purse) {
  const items = new Map();
  const counts = { again: 0, poor: false };
  const jwk = JSON.parse(readFileSync(purse.file));
  const { url, server } = await listen(async (request, response) => {
    const sent = await body(request);
    const [, bytes] = /^\/v1\/price\/bytes\/(\d+)$/.exec(request.url) ?? [];
    if (bytes) return response.end(JSON.stringify({ winc: String(Number(bytes) * 7), adjustments: [] }));
    if (request.method !== "POST" || request.url !== "/v1/tx/ethereum") return response.writeHead(404).end();
    if (counts.poor) return response.writeHead(402).end("Insufficient balance");
    if (Number(request.headers["content-length"]) !== sent.length) return response.writeHead(400).end("Request content has no length");
    const item = new DataItem(sent);
    if (!(await item.isValid())) return response.writeHead(400).end("Data item parsing error!");
    if (items.has(item.id)) {
      counts.again += 1;
      return response.writeHead(202).end("Data Item Exists");
    }
    items.set(item.id, sent);
    return response.end(JSON.stringify({ id: item.id, owner: item.owner, dataCaches: [], fastFinalityIndexes: [], deadlineHeight: 1, timestamp: Date.now(), version: "0.1.0" }));
  });
  /** Puts everything on the chain: one bundle, one transaction. */
  const flush = async () => {
    const entries = [...items.values()].map((raw) => Buffer.concat([longTo32ByteArray(raw.length), new DataItem(raw).rawId]));
    const raw = Buffer.concat([longTo32ByteArray(items.size), ...entries, ...items.values()]);
    if (!(await new Bundle(raw).verify())) fail("arbundles refuses the bundle");
    const tx = await arweave.createTransaction({ data: raw, last_tx: await (await fetch(`${gateway.upstream}/tx_anchor`)).text(), reward: "100000000" }, jwk);
    tx.addTag("Bundle-Format", "binary");
    tx.addTag("Bundle-Version", "2.0.0");
    await arweave.transactions.sign(tx, jwk);
    const posted = await fetch(`${gateway.upstream}/tx`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(tx) });
    expect(posted.status, 200, "the bundle's transaction");
    await fetch(`${gateway.upstream}/mine`);
  };
  return { url, items, counts, flush, stop: () => server.close() };
}

export async function pushThroughBundler({ dgov, folder, gateway, purse, files, say }) {
  const service = await stub(gateway, purse);
  const project = await Project.make(dgov, folder, `gateway = "${gateway.url}"\nupload = "bundler"\nbundler = "${service.url}"`, files);
  const posted = gateway.seen.transactions.length;

  service.counts.poor = true;
  const poor = await project.try({}, "data", "push", "--yes");
  expect([poor.code, /few credits/.test(poor.json.errors[0].message)], [6, true], "a service that wants money");
  service.counts.poor = false;

  let killed = 0;
  for (let point = 1; ; ++point) {
    const result = await project.try({ DGOV_FAULT_AT: String(point) }, "data", "push", "--yes");
    if (result.code === 0) break;
    if (result.code !== null) fail(`killed at ${point}: ${JSON.stringify(result.json?.errors)}`);
    // With the ledger lost the same item is signed again, because its signature follows from key and bytes.
    if (++killed % 3 === 0) project.forget("ledger.db", "ledger.db-wal", "ledger.db-shm");
  }
  expect([service.items.size, gateway.seen.transactions.length], [2, posted], "items, and transactions of a wallet");
  for (const raw of service.items.values()) {
    for (const at of [2, 80, raw.length - 1]) {
      const changed = Buffer.from(raw);
      changed[at] ^= 1;
      if (await new DataItem(changed).isValid().catch(() => false)) fail(`an item changed at ${at} passes`);
    }
    blocks(Buffer.from(new DataItem(raw).rawData));
  }
  say(`stub bundler: killed ${killed} times, 2 items stored, ${service.counts.again} came again; arbundles verifies them and refuses 6 changed ones`);

  await service.flush();
  const again = service.counts.again;
  for (const ranges of [true, false]) {
    gateway.options.ranges = ranges;
    project.forget("store", "ledger.db", "ledger.db-wal", "ledger.db-shm");
    const pushed = await project.try({}, "data", "push", "--yes");
    expect([pushed.code, pushed.json.warnings.map((warning) => warning.code)], [0, []], "a push without ledger and store");
    expect(service.items.size, 2, "items after a push without ledger and store");
    expect(service.counts.again, again, "items that were sent again");
  }
  say("its bundle on arlocal: with ledger and store gone, a push finds both items and sends nothing");
  service.stop();
}
