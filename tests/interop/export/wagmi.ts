// A hook of wagmi infers arguments and result from the generated ABI; compiled, not run.
import type { AbiParametersToPrimitiveTypes, ExtractAbiFunction } from "abitype";
import { useReadContract, useWriteContract } from "wagmi";
import { contracts, passAbi } from "./generated/viem/dgov";

export function useKey(datasetId: `0x${string}`): `0x${string}` | undefined {
  return useReadContract({ ...contracts.registry, functionName: "keyAt", args: [datasetId, 1] }).data;
}

export function usePurchase() {
  const { writeContract } = useWriteContract();
  type Arguments = AbiParametersToPrimitiveTypes<ExtractAbiFunction<typeof passAbi, "purchase">["inputs"]>;
  return (args: Arguments, value: bigint) =>
    writeContract({ ...contracts.pass, functionName: "purchase", args, value });
}
