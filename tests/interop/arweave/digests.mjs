// Digests of files by programs of others: node digests.mjs make FOLDER, node digests.mjs check WORK
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const require = createRequire(import.meta.url);
const { generateTransactionChunks } = require("arweave/node/lib/merkle");
const { blake3 } = require("@noble/hashes/blake3");

const KIB = 1024;
const MIB = 1024 * KIB;
// Around chunks of 256 KiB, parts of 4 MiB and windows of 64 MiB.
const LENGTHS = [
  127, 1000, 256 * KIB, 256 * KIB + 1, 288 * KIB - 1, MIB, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 4 * MIB + 10 * KIB, 8 * MIB,
  12 * MIB + 5, 64 * MIB, 64 * MIB + 10 * KIB, 68 * MIB + 77777,
];

function fail(text) {
  console.error(`FAILED: ${text}`);
  process.exit(1);
}

function make(folder) {
  for (const length of LENGTHS) {
    const bytes = Buffer.alloc(length);
    for (let at = 0, state = length >>> 0; at < length; ++at) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[at] = state >>> 24;
    }
    writeFileSync(join(folder, `${length}.bin`), bytes);
  }
}

async function theirs(file, pieces) {
  const bytes = readFileSync(file);
  const { data_root: root } = await generateTransactionChunks(bytes);
  const [v1, v2] = pieces[basename(file)];
  return {
    blake3: Buffer.from(blake3(bytes)).toString("hex"), data_root: Buffer.from(root).toString("base64url"), cid: v2, cid_v1: v1,
  };
}

const flat = ({ blake3, data_root, piece }) => ({ blake3, data_root, cid: piece.cid, cid_v1: piece.cid_v1 });
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

async function check(work) {
  const read = (name) => JSON.parse(readFileSync(join(work, name), "utf8"));
  const ours = read("ours.json").data;
  if (ours.read !== ours.bytes) fail(`${ours.read} bytes were read of ${ours.bytes}`);
  if (ours.digests.length !== LENGTHS.length) fail("files are missing");
  let refused = 0;
  for (const row of ours.digests) {
    const expected = await theirs(join(work, "data", row.path), read("pieces.json"));
    if (!same(flat(row), expected)) fail(`${row.path}: ${JSON.stringify(flat(row))} is not ${JSON.stringify(expected)}`);
    for (const key of Object.keys(expected)) {
      const changed = flat(row);
      changed[key] = changed[key].slice(0, -1) + (changed[key].endsWith("a") ? "b" : "a");
      if (same(changed, expected)) fail(`a changed ${key} passes`);
      ++refused;
    }
    // One bit of the file: all values are others.
    const file = join(work, "data", row.path);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(join(work, "flipped"), bytes);
    const other = await theirs(join(work, "flipped"), { flipped: ["", ""] });
    if (other.blake3 === row.blake3 || other.data_root === row.data_root) fail("a changed file has the same digests");
  }
  const car = flat(read("car.json").data.car);
  if (!same(car, await theirs(join(work, "export.car"), read("car-piece.json")))) fail("the CAR file has other digests");
  console.log(`  ${ours.digests.length} files of ${ours.bytes} bytes, read once, and the package's CAR file: all equal; ${refused} changed values refused`);
}

const [verb, place] = process.argv.slice(2);
if (verb === "make") make(place);
else await check(place);
