// Every contract that dgov would publish has to match the code on chain by Sourcify's own rules, byte for byte, with the
// constructor arguments that dgov states; a changed source must not.
//
// Sourcify's word is `partial` here at best: its `perfect` needs a digest of the metadata inside the code, and these
// contracts are compiled without one. So bytes are compared again, and the address is computed from what was compiled.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { SolidityCompilation, Verification } = require("@ethereum-sourcify/lib-sourcify");
const { getCreate2Address, keccak256 } = require("ethers");
const solc = require(join(process.env.CONTRACTS, "node_modules/solc"));

const DETERMINISTIC_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const report = JSON.parse(readFileSync(process.env.VERIFY, "utf8")).data;
const lock = readFileSync(process.env.LOCK, "utf8");
const fromLock = (key) => lock.match(new RegExp(`^${key} = "(0x[0-9a-fA-F]+)"$`, "m"))[1];

/** The compiler as the engine wants it; equal inputs are compiled once. */
const compiled = new Map();
const compiler = {
  async compile(version, input) {
    if (!solc.version().startsWith(version)) throw new Error(`asked for ${version}, have ${solc.version()}`);
    const text = JSON.stringify(input);
    if (!compiled.has(text)) compiled.set(text, JSON.parse(solc.compile(text)));
    return structuredClone(compiled.get(text));
  },
};

/** What the engine asks of a chain. */
const chain = {
  chainId: report.chain_id,
  async getBytecode(address) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_getCode", params: [address, "latest"] });
    const answer = await fetch(process.env.RPC, { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await answer.json()).result;
  },
};

async function verify(row, input) {
  const [, path, name] = row.request.contract_identifier.match(/^(.*):([^:]*)$/);
  const compilation = new SolidityCompilation(compiler, row.request.compiler_version, input, { name, path });
  const verification = new Verification(compilation, chain, row.address);
  await verification.verify();
  return { verification, compilation };
}

/** The code on chain where immutable values are blanked, as they are in what the compiler gives. */
function blanked(code, references) {
  const bytes = Buffer.from(code.slice(2), "hex");
  for (const { start, length } of Object.values(references ?? {}).flat()) bytes.fill(0, start, start + length);
  return "0x" + bytes.toString("hex");
}

function require_(condition, message) {
  if (!condition) throw new Error(message);
}

async function matches(row) {
  const { verification, compilation } = await verify(row, row.request.standard_json);
  const { runtimeMatch } = verification.status;
  require_(runtimeMatch === "partial" || runtimeMatch === "perfect", `${row.name}: ${runtimeMatch}`);
  const kinds = verification.transformations.runtime.list.map((item) => item.reason);
  require_(kinds.every((kind) => kind === "immutable"), `${row.name}: transformed by ${kinds}`);
  const onChain = blanked(verification.onchainRuntimeBytecode, compilation.immutableReferences);
  require_(onChain === compilation.runtimeBytecode, `${row.name}: other code on chain`);
  // The address proves creation code and constructor arguments.
  const code = compilation.creationBytecode + row.request.constructor_arguments.slice(2);
  const [deployer, salt] =
    row.kind === "contract" ? [fromLock("factory"), fromLock("salt")] : [DETERMINISTIC_DEPLOYER, "0x" + "00".repeat(32)];
  const address = getCreate2Address(deployer, salt, keccak256(code));
  require_(address === row.address, `${row.name}: the sources make ${address}, not ${row.address}`);
  console.log(`  ${row.name}: ${runtimeMatch}, ${kinds.length} immutable values, ${onChain.length / 2 - 1} bytes equal`);
}

/** One operator turned around in the contract's own file. */
async function refuses(row) {
  const input = structuredClone(row.request.standard_json);
  const [, path] = row.request.contract_identifier.match(/^(.*):([^:]*)$/);
  const source = input.sources[path];
  const changed = source.content.replace("!= 0", "== 0");
  require_(changed !== source.content, `${row.name}: nothing to mutate`);
  source.content = changed;
  try {
    const { verification } = await verify(row, input);
    throw new Error(`${row.name}: a mutated source was accepted: ${JSON.stringify(verification.status)}`);
  } catch (error) {
    if (error.code === undefined) throw error;
    console.log(`  ${row.name}, one operator changed: refused (${error.code})`);
  }
}

try {
  const engine = require("@ethereum-sourcify/lib-sourcify/package.json").version;
  console.log(`  lib-sourcify ${engine}, solcjs ${solc.version()}, node ${process.version}`);
  const rows = report.contracts.filter((row) => row.request);
  for (const row of rows) await matches(row);
  for (const row of report.contracts.filter((row) => row.kind === "proxy")) {
    require_(rows.some((other) => other.address === row.implementation), `${row.name}: implementation not verified`);
  }
  await refuses(rows.find((row) => row.contract === "DatasetRegistry"));
  console.log(`  ${rows.length} of ${rows.length} contracts match`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
