// Writes the known answers of crates/dgov-data/tests/vectors/arweave.json to standard output, made by arweave-js and
// arbundles alone: node vectors.mjs > ../../../crates/dgov-data/tests/vectors/arweave.json
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Arweave = require("arweave");
const { generateTransactionChunks, validatePath } = require("arweave/node/lib/merkle");
const { EthereumSigner, bundleAndSignData, createData } = require("@dha-team/arbundles");

const KIB = 1024;
const LENGTHS = [
  0, 1, 100, 32 * KIB, 256 * KIB - 1, 256 * KIB, 256 * KIB + 1, 256 * KIB + 32 * KIB - 1, 256 * KIB + 32 * KIB,
  512 * KIB - 1, 512 * KIB, 512 * KIB + 1, 512 * KIB + 16 * KIB + 1, 768 * KIB, 1280 * KIB + 5, 3 * 1024 * KIB,
  3 * 1024 * KIB + 77777,
];
// The first key of the well-known development mnemonic.
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const fromBase64 = (text) => hex(Buffer.from(text, "base64url"));

/** Bytes that both languages can make. */
function bytes(length) {
  const out = new Uint8Array(length);
  let state = length >>> 0;
  for (let i = 0; i < length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

async function tree(length) {
  const data = bytes(length);
  const { data_root: root, chunks, proofs } = await generateTransactionChunks(data);
  const sent = [];
  for (const [index, chunk] of chunks.entries()) {
    const path = proofs[index].proof;
    const valid = await validatePath(root, proofs[index].offset, 0, length, path);
    if (length > 0 && !valid) throw new Error(`arweave-js refuses its own proof at ${length}`);
    sent.push({ start: chunk.minByteRange, end: chunk.maxByteRange, path: hex(path) });
  }
  return { length, root: hex(root), chunks: sent };
}

async function transaction(jwk, length, tags) {
  const arweave = Arweave.init({});
  const attributes = { data: bytes(length), reward: "65595508", last_tx: Buffer.alloc(48, length & 0xff).toString("base64url") };
  const tx = await arweave.createTransaction(attributes, jwk);
  for (const [name, value] of tags) tx.addTag(name, value);
  const signed = hex(await tx.getSignatureData());
  await arweave.transactions.sign(tx, jwk);
  return {
    owner: fromBase64(tx.owner), anchor: fromBase64(tx.last_tx), reward: tx.reward, tags, data_size: length,
    data_root: fromBase64(tx.data_root), signature_data: signed, signature: fromBase64(tx.signature), id: fromBase64(tx.id),
  };
}

async function item(length, options) {
  const signer = new EthereumSigner(KEY);
  const made = createData(bytes(length), signer, options);
  const signed = hex(await made.getSignatureData());
  await made.sign(signer);
  if (!(await made.isValid())) throw new Error("arbundles refuses its own item");
  return {
    length, owner: hex(signer.publicKey), tags: (options.tags ?? []).map(({ name, value }) => [name, value]),
    target: options.target ? fromBase64(options.target) : null, anchor: options.anchor ? hex(options.anchor) : null,
    signature_data: signed, signature: hex(made.rawSignature), id: hex(made.rawId), header: hex(made.getRaw().subarray(0, made.getStartOfData())),
  };
}

async function bundle(lengths) {
  const signer = new EthereumSigner(KEY);
  const tags = [{ name: "Content-Type", value: "text/plain" }];
  const made = await bundleAndSignData(lengths.map((length) => createData(bytes(length), signer, { tags })), signer);
  if (!(await made.verify())) throw new Error("arbundles refuses its own bundle");
  return { lengths, ids: made.items.map((one) => hex(one.rawId)), raw: hex(made.getRaw()) };
}

const version = (name) => require(`./node_modules/${name}/package.json`).version;
const jwk = await Arweave.init({}).wallets.generate();
const long = Array.from({ length: 20 }, (_, i) => ({ name: `Name-${i}`, value: "v".repeat(1 + 9 * i) }));
const car = [{ name: "App-Name", value: "dgov" }, { name: "Content-Type", value: "application/vnd.ipld.car; version=1" }, { name: "Ünï", value: "✓" }];
const target = createHash("sha256").update("target").digest("base64url");
const out = {
  made_by: `tests/interop/arweave/vectors.mjs with arweave ${version("arweave")}, @dha-team/arbundles ${version("@dha-team/arbundles")}`,
  trees: await Promise.all(LENGTHS.map(tree)),
  transactions: [
    await transaction(jwk, 1, []),
    await transaction(jwk, 300_000, [["App-Name", "dgov"], ["Content-Type", "application/vnd.ipld.car; version=1"]]),
    await transaction(jwk, 512 * KIB, [["Ünï", "✓"], ["a", "b".repeat(500)]]),
  ],
  items: [
    await item(0, {}),
    await item(1000, { tags: car }),
    await item(300_000, { tags: long }),
    await item(33, { tags: car, target, anchor: "a".repeat(32) }),
  ],
  bundles: [await bundle([0, 1, 1000]), await bundle([])],
};
process.stdout.write(JSON.stringify(out, null, 1) + "\n");
