// Wrong uses: the types of both exports refuse each marked line.
import { createPublicClient, getContract, http } from "viem";
import { registry as ethersRegistry } from "./generated/ethers/dgov";
import { contracts, registryAddress } from "./generated/viem/dgov";

const client = createPublicClient({ transport: http("http://127.0.0.1") });
const viemRegistry = getContract({ ...contracts.registry, client });
const id = "0x00" as const;

export async function wrong() {
  // @ts-expect-error
  await viemRegistry.read.keyAt([id]);
  // @ts-expect-error
  await viemRegistry.read.keyAt(["not hex", 1]);
  // @ts-expect-error
  await viemRegistry.read.keyFor([id, 1]);
  // @ts-expect-error
  const name: bigint = await viemRegistry.read.name();
  // @ts-expect-error
  const other = registryAddress[1];
  // @ts-expect-error
  await ethersRegistry().keyAt(id, { number: 1 });
  // @ts-expect-error
  await ethersRegistry().keyFor(id, 1);
  // @ts-expect-error
  const key: bigint = await ethersRegistry().keyAt(id, 1);
  return [name, other, key];
}
