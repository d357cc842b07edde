// Packages of others: fetched once by name, version and digest, unpacked beside the tests, never installed and never run by
// npm: most of them have dependencies that can't be installed any more.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PEERS = join(dirname(fileURLToPath(import.meta.url)), "..", ".peers");

/** The folder of a package's files. `integrity` is that of the registry: sha512-... */
export function packageFolder(name, version, integrity) {
  const folder = join(PEERS, `${name.replace("/", "+")}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(PEERS, { recursive: true });
  const work = mkdtempSync(join(PEERS, "work-"));
  try {
    const options = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] };
    const file = execFileSync("npm", ["pack", "--silent", "--pack-destination", work, `${name}@${version}`], options);
    const tarball = join(work, file.trim().split("\n").pop());
    const actual = "sha512-" + createHash("sha512").update(readFileSync(tarball)).digest("base64");
    if (actual !== integrity) throw new Error(`${name}@${version}: expected ${integrity}, got ${actual}`);
    execFileSync("tar", ["-xzf", tarball, "-C", work]);
    // Whole or not at all: an interrupted run leaves no half of it.
    renameSync(join(work, "package"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
