// A reader of CAR version 1 that shares nothing with dgov: every block is hashed.
import { createHash } from "node:crypto";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

function varint(bytes, at) {
  let [value, factor] = [0, 1];
  for (; ; ++at) {
    value += (bytes[at] & 0x7f) * factor;
    factor *= 128;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}

function text(cid) {
  let [out, bits, value] = ["b", 0, 0];
  for (const byte of cid) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += BASE32[(value >> (bits - 5)) & 31];
  }
  return bits > 0 ? out + BASE32[(value << (5 - bits)) & 31] : out;
}

/** The blocks of a CAR file in order: [cid, bytes]. */
export function blocks(car) {
  const found = [];
  let [length, at] = varint(car, 0);
  for (at += length; at < car.length; ) {
    [length, at] = varint(car, at);
    const [cid, bytes] = [car.subarray(at, at + 36), car.subarray(at + 36, at + length)];
    if (!createHash("sha256").update(bytes).digest().equals(cid.subarray(4))) throw new Error(`block ${text(cid)} is another one`);
    found.push([text(cid), bytes]);
    at += length;
  }
  if (at !== car.length) throw new Error("the CAR file is cut off");
  return found;
}
