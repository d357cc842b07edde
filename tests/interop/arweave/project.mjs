// A dgov project of its own, on the embedded chain.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export class Project {
  /** `storage` is what stands in [storage.arweave]; `data` makes the folder of the dataset. */
  static async make(dgov, folder, storage, data, environment = {}) {
    mkdirSync(folder, { recursive: true });
    await data(join(folder, "data"));
    writeFileSync(join(folder, "contributors.csv"), "account,shares\n0x70997970C51812dc3A010C7d01b50e0d17dc79C8,1\n");
    const project = new Project(dgov, folder, environment);
    project.write(storage, true);
    await project.run("deploy", "--yes");
    return project;
  }

  constructor(dgov, folder, environment) {
    Object.assign(this, { dgov, folder, environment });
  }

  write(storage, isPublic) {
    writeFileSync(join(this.folder, "dgov.toml"), `[project]
name = "interop"
[storage]
targets = ["local", "arweave"]
[storage.arweave]
${storage}
[governance.token]
name = "Interop"
symbol = "INT"
supply = "1000000"
[licenses.open]
spdx = "MIT"
allow = ["evaluate"]
price = "0.01 ETH"
duration = "365d"
[datasets.set]
path = "data"
license = "open"
contributors = "contributors.csv"
${isPublic ? "contributors-public = true" : ""}
`);
  }

  /** Runs a command; `code` is null when it was killed. */
  async try(environment, ...args) {
    const env = { PATH: process.env.PATH, HOME: this.folder, DGOV_HOME: join(this.folder, "home"), ...this.environment, ...environment };
    const child = spawn(this.dgov, [...args, "--json"], { cwd: this.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = [[], []];
    child.stdout.on("data", (part) => out.push(part));
    child.stderr.on("data", (part) => err.push(part));
    const code = await new Promise((resolve) => child.on("close", resolve));
    const text = Buffer.concat(out).toString();
    return { code, json: text ? JSON.parse(text) : undefined, err: Buffer.concat(err).toString() };
  }

  async run(...args) {
    const result = await this.try({}, ...args);
    if (result.code !== 0) throw new Error(`dgov ${args.join(" ")}: exit ${result.code}\n${JSON.stringify(result.json?.errors)}\n${result.err}`);
    return result.json.data;
  }

  forget(...names) {
    for (const name of names) rmSync(join(this.folder, ".dgov", name), { recursive: true, force: true });
  }
}

export function copy(from, names) {
  return async (to) => {
    mkdirSync(to, { recursive: true });
    for (const name of names) cpSync(join(from, name), join(to, name), { recursive: true });
  };
}

export function fail(message) {
  throw new Error(message);
}

export function expect(actual, expected, what) {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    fail(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  }
}
