// A real anvil on a free port of this machine, and contracts on it. Encoding is cast's, so that nothing of ours checks
// itself.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const CONTRACTS = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "contracts");
// Below the cap of one transaction (EIP-7825).
const GAS = "0xf00000";

function binary(name) {
  const path = join(CONTRACTS, "node_modules", "@foundry-rs", `${name}-linux-amd64`, "bin", name);
  if (!existsSync(path)) throw new Error(`${name} is not installed; contracts/scripts/setup installs it`);
  return path;
}

export function cast(...args) {
  const options = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  return execFileSync(binary("cast"), args.map(String), options).trim();
}

/** Compiled by `forge build`: ABI and code of a contract of ours, or of one that our tests import. */
export function ours(name, file = name) {
  return JSON.parse(readFileSync(join(CONTRACTS, "out", `${file}.sol`, `${name}.json`), "utf8")).bytecode.object;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Chain {
  /** Starts a node, runs `work` on it and stops it, whatever happens. */
  static async with(work) {
    const port = await freePort();
    const args = ["--host", "127.0.0.1", "--port", String(port), "--silent"];
    const child = spawn(binary("anvil"), args, { stdio: "ignore" });
    const stop = () => child.kill();
    process.once("exit", stop);
    try {
      const chain = new Chain(`http://127.0.0.1:${port}`);
      await chain.#ready();
      chain.accounts = await chain.rpc("eth_accounts");
      return await work(chain);
    } finally {
      stop();
      process.off("exit", stop);
    }
  }

  constructor(url) {
    this.url = url;
  }

  async #ready() {
    for (let tries = 0; tries < 300; ++tries) {
      try {
        return await this.rpc("eth_chainId");
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error("anvil did not start");
  }

  async rpc(method, ...params) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const answer = await (await fetch(this.url, { method: "POST", headers, body })).json();
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }

  /** Moves the clock by some seconds. */
  async pass(seconds) {
    await this.rpc("evm_increaseTime", Number(seconds));
    await this.rpc("evm_mine");
  }

  async now() {
    return BigInt((await this.rpc("eth_getBlockByNumber", "latest", false)).timestamp);
  }

  async balance(account) {
    return BigInt(await this.rpc("eth_getBalance", account, "latest"));
  }

  async #transact(transaction, what) {
    const hash = await this.rpc("eth_sendTransaction", { gas: GAS, ...transaction });
    let receipt = await this.rpc("eth_getTransactionReceipt", hash);
    // It is mined at once, but on a busy machine not before the answer.
    while (!receipt) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      receipt = await this.rpc("eth_getTransactionReceipt", hash);
    }
    if (receipt.status !== "0x1") throw new Error(`${what} reverted`);
    return receipt;
  }

  /** Deploys code with arguments, `types` like "(address,uint256)". */
  async deploy(code, types = "()", ...args) {
    const encoded = types === "()" ? "" : cast("abi-encode", `constructor${types}`, ...args).slice(2);
    const receipt = await this.#transact({ from: this.accounts[0], data: code + encoded }, "deployment");
    return receipt.contractAddress;
  }

  /** A clone with its wiring, see ADR 0008. */
  async clone(implementation, wiring) {
    const args = wiring.map((part) => part.slice(2)).join("");
    const size = (0x2d + args.length / 2).toString(16).padStart(4, "0");
    const proxy = `363d3d373d3d3d363d73${implementation.slice(2)}5af43d82803e903d91602b57fd5bf3`;
    return this.deploy(`0x61${size}3d81600a3d39f3${proxy}${args}`);
  }

  /** Sends a call, `signature` like "join(uint256,uint8)", and returns its receipt. */
  async send(from, to, signature, args = [], value = 0n) {
    const data = cast("calldata", signature, ...args);
    return this.#transact({ from, to, data, value: "0x" + value.toString(16) }, signature);
  }

  /** Whether a call would revert. */
  async reverts(from, to, signature, args = [], value = 0n) {
    const data = cast("calldata", signature, ...args);
    try {
      await this.rpc("eth_call", { from, to, data, gas: GAS, value: "0x" + value.toString(16) }, "latest");
      return false;
    } catch {
      return true;
    }
  }

  /** Reads, `signature` like "caseCount()(uint256)"; one string for each value. */
  async read(to, signature, ...args) {
    const lines = cast("call", "--rpc-url", this.url, to, signature, ...args).split("\n");
    // cast adds a rounded form to big numbers.
    return lines.map((line) => line.replace(/ \[[^\]]*\]$/, ""));
  }
}

export function topic(signature) {
  return cast("keccak", signature);
}

export function expect(actual, expected, what) {
  if (String(actual) !== String(expected)) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}
