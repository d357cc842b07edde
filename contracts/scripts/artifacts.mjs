#!/usr/bin/env node
// Writes what the command line embeds of each deployable contract, artifacts/<Contract>.json, from what `forge build`
// left in out/, and what was compiled, for publishing: artifacts/sources.json (our own files, settings, and which files
// each contract needs) and artifacts/libraries.json (files of others). The same sources and settings give the same bytes.
//
//   node scripts/artifacts.mjs [--check] [Contract...]
//
// --check writes nothing and fails, naming the files, if an artifact is missing or differs. The two files of sources are
// about all contracts: they are left alone where some are named.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const { keccak256 } = createRequire(import.meta.url)("js-sha3");
const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const CONTRACTS = [
  "DataToken",
  "DataGovernor",
  "DataTimelock",
  "DataAccessManager",
  "SuiteFactory",
  "DatasetRegistry",
  "LicenseRegistry",
  "AccessPass",
  "RoyaltyVault",
  "ValidatorStake",
  "DisputeCourt",
  "UsageLedger",
  "RewardRounds",
  "RecordToken",
  "LinearCurve",
];

// Errors of libraries get into an ABI only through solc's call graph; without them no one could name the revert.
const ERRORS = {
  DatasetRegistry: ["RootMismatch", "KeyPresent"],
  RoyaltyVault: ["RootMismatch"],
  RewardRounds: ["RootMismatch"],
};

// EIP-170.
const CODE_LIMIT = 24_576;

// What a checked-in file may have.
const FILE_LIMIT = 1_000_000;

class Refusal extends Error {}

/** The value with the keys of its objects in order, so that its JSON has one form. */
function ordered(value) {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, ordered(value[key])]),
  );
}

/** sha256 of the compiler's settings without the name of what was compiled. */
function settingsDigest({ compilationTarget: _, ...settings }) {
  return "0x" + createHash("sha256").update(JSON.stringify(ordered(settings))).digest("hex");
}

/** Refuses a build that is older than its sources. */
function requireFresh(name, sources) {
  for (const [path, { keccak256: expected }] of Object.entries(sources)) {
    const file = join(root, path);
    if (!existsSync(file) || "0x" + keccak256(readFileSync(file)) !== expected) {
      throw new Refusal(`${name}: ${path} is not what was compiled; run forge build`);
    }
  }
}

/** What forge build made of a contract, which must be of the sources that are there. */
function built(name) {
  const path = join(root, "out", `${name}.sol`, `${name}.json`);
  if (!existsSync(path)) throw new Refusal(`${name}: not in out/; run forge build`);
  const output = JSON.parse(readFileSync(path, "utf8"));
  requireFresh(name, output.metadata.sources);
  return output;
}

/** The artifact's text. */
function render(name) {
  const { abi, bytecode, deployedBytecode, metadata } = built(name);
  if (Object.keys(bytecode.linkReferences).length > 0) throw new Refusal(`${name}: needs linking`);
  const size = (deployedBytecode.object.length - 2) / 2;
  if (size === 0) throw new Refusal(`${name}: has no code`);
  if (size > CODE_LIMIT) throw new Refusal(`${name}: ${size} bytes of code, the limit is ${CODE_LIMIT}`);
  const errors = abi.filter((item) => item.type === "error").map((item) => item.name);
  for (const error of ERRORS[name] ?? []) {
    if (!errors.includes(error)) throw new Refusal(`${name}: error ${error} is missing in its ABI`);
  }
  const compiler = { version: metadata.compiler.version, settings: settingsDigest(metadata.settings) };
  const artifact = {
    contractName: name,
    compiler,
    abi,
    bytecode: bytecode.object,
    deployedBytecodeSize: size,
  };
  return JSON.stringify(artifact, null, 1) + "\n";
}

/**
 * The texts of the two files of sources. Settings that several contracts share are written once, under the digest that
 * their artifacts carry.
 */
function renderSources() {
  const own = {};
  const others = {};
  const settings = {};
  const contracts = {};
  const versions = new Set();
  for (const name of CONTRACTS) {
    const { metadata } = built(name);
    versions.add(metadata.compiler.version);
    const { compilationTarget, ...rest } = metadata.settings;
    const digest = settingsDigest(metadata.settings);
    settings[digest] = rest;
    const files = Object.keys(metadata.sources).sort();
    contracts[name] = { source: Object.keys(compilationTarget)[0], settings: digest, files };
    for (const file of files) {
      const place = file.startsWith("node_modules/") ? others : own;
      place[file] = readFileSync(join(root, file), "utf8");
    }
  }
  if (versions.size !== 1) throw new Refusal(`several compilers: ${[...versions].join(", ")}`);
  const [compiler] = versions;
  const texts = {
    "sources.json": { compiler, settings: ordered(settings), contracts: ordered(contracts), files: ordered(own) },
    "libraries.json": { files: ordered(others) },
  };
  return Object.entries(texts).map(([file, value]) => {
    const text = JSON.stringify(value, null, 1) + "\n";
    if (Buffer.byteLength(text) > FILE_LIMIT) throw new Refusal(`${file}: more than ${FILE_LIMIT} bytes`);
    return [file, text];
  });
}

function main(args) {
  const check = args.includes("--check");
  const chosen = args.filter((arg) => arg !== "--check");
  const unknown = chosen.filter((name) => !CONTRACTS.includes(name));
  if (unknown.length > 0) throw new Refusal(`unknown: ${unknown.join(", ")}`);
  const stale = [];
  const texts = (chosen.length > 0 ? chosen : CONTRACTS).map((name) => [`${name}.json`, render(name)]);
  if (chosen.length === 0) texts.push(...renderSources());
  for (const [name, text] of texts) {
    const file = join(root, "artifacts", name);
    if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
    stale.push(`artifacts/${name}`);
    if (check) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  if (check && stale.length > 0) {
    throw new Refusal(`not what the sources compile to: ${stale.join(", ")}; run node scripts/artifacts.mjs`);
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`artifacts: ${error.message}\n`);
  process.exitCode = 1;
}
