// What a node of the network checks and arlocal does not: signatures and ids of transactions, and that every chunk follows
// from the data root. All of it by arweave-js.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Arweave = require("arweave");
const { MAX_CHUNK_SIZE, validatePath } = require("arweave/node/lib/merkle");

export const arweave = Arweave.init({});

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url"));

// arweave-js explains every refusal at length.
console.warn = () => {};

/** Why a transaction is refused; nothing when it is right. */
export async function checkTransaction(json) {
  const valid = await arweave.transactions.verify(arweave.transactions.fromRaw(json)).catch(() => false);
  return valid ? undefined : "Transaction verification failed.";
}

/** Why a chunk is refused; nothing when it belongs to a transaction that was posted. */
export async function checkChunk(json, transactions) {
  const known = transactions.some((tx) => tx.data_root === json.data_root && tx.data_size === json.data_size);
  if (!known) return "data_root_not_found";
  const [chunk, path, size] = [bytes(json.chunk), bytes(json.data_path), Number(json.data_size)];
  const place = await validatePath(bytes(json.data_root), Number(json.offset), 0, size, path);
  if (!place) return "invalid_proof";
  if (place.chunkSize !== chunk.length || chunk.length > MAX_CHUNK_SIZE || chunk.length === 0) return "chunk_size";
  const digest = createHash("sha256").update(chunk).digest();
  return digest.equals(Buffer.from(path.slice(-64, -32))) ? undefined : "chunk_hash";
}

/** Whether the chunks that were posted cover every byte of a transaction. */
export async function isCovered(tx, chunks) {
  let end = 0;
  const own = chunks.filter((chunk) => chunk.data_root === tx.data_root).sort((a, b) => Number(a.offset) - Number(b.offset));
  for (const chunk of own) {
    const size = Number(tx.data_size);
    const place = await validatePath(bytes(tx.data_root), Number(chunk.offset), 0, size, bytes(chunk.data_path));
    if (place.leftBound > end) return false;
    end = Math.max(end, place.rightBound);
  }
  return end === Number(tx.data_size);
}
