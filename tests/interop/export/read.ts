// Reads the project with both libraries, through nothing but the generated files, and compares with what dgov says.
import { readFileSync } from "node:fs";
import { JsonRpcProvider } from "ethers";
import { createPublicClient, getContract, http } from "viem";
import * as ethersBindings from "./generated/ethers/dgov.js";
import * as viemBindings from "./generated/viem/dgov.js";

const rpc = process.env.RPC!;
const shown = JSON.parse(readFileSync(process.env.SHOW!, "utf8")).data;
const version = shown.versions[0];

function same(what: string, actual: unknown, expected: unknown) {
  if (String(actual).toLowerCase() !== String(expected).toLowerCase()) {
    throw new Error(`${what}: ${actual}, expected ${expected}`);
  }
  console.log(`  ${what}: ${actual}`);
}

async function withViem() {
  const client = createPublicClient({ transport: http(rpc) });
  const registry = getContract({ ...viemBindings.contracts.registry, client });
  const id = shown.dataset_id as `0x${string}`;
  same("viem keyAt", await registry.read.keyAt([id, 1]), version.version_key);
  const [status, approved]: readonly [number, boolean] = await registry.read.statusOf([version.version_key]);
  same("viem statusOf", `${status} ${approved}`, "0 false");
  const events = await client.getContractEvents({
    ...viemBindings.contracts.registry,
    eventName: "VersionAdded",
    fromBlock: viemBindings.deploymentBlock,
    strict: true,
  });
  same("viem VersionAdded", events[0]!.args.version.records, version.records);
  const terms = await client.readContract({ ...viemBindings.contracts.licenses, functionName: "termsAt", args: [1] });
  const [of] = await client.readContract({ ...viemBindings.contracts.licenses, functionName: "termsOf", args: [terms] });
  same("viem price", of.price satisfies bigint, shown.offers[0].price);
  same("viem owner of the licenses", await client.readContract({ ...viemBindings.contracts.licenses, functionName: "authority" }), viemBindings.managerAddress[31337]);
}

async function withEthers() {
  const provider = new JsonRpcProvider(rpc, undefined, { staticNetwork: true });
  const registry = ethersBindings.registry(provider);
  same("ethers keyAt", await registry.keyAt(shown.dataset_id, 1), version.version_key);
  const status = await registry.statusOf(version.version_key);
  same("ethers statusOf", `${status.status satisfies bigint} ${status.cardApproved satisfies boolean}`, "0 false");
  const licenses = ethersBindings.licenses(provider);
  const { terms } = await licenses.termsOf(await licenses.termsAt(1));
  same("ethers price", terms.price satisfies bigint, shown.offers[0].price);
  const logs = await registry.queryFilter("VersionAdded", ethersBindings.deploymentBlock);
  const event = registry.interface.parseLog(logs[0]!)!.args as unknown as ethersBindings.DatasetRegistryEvents["VersionAdded"];
  same("ethers VersionAdded", event.version.records, version.records);
  same("ethers estimate of a pass's id", await ethersBindings.pass(provider).passIdOf.staticCall(shown.owner, shown.dataset_id), await ethersBindings.pass(provider).passIdOf(shown.owner, shown.dataset_id));
  provider.destroy();
}

withViem()
  .then(withEthers)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
