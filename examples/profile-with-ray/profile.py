#!/usr/bin/env python3
"""Profiles a dataset on a Ray cluster: one task a part, then one merge. The result is byte for byte what
`dgov data profile DATASET` writes on one machine.

    python3 profile.py data/gsm8k --parts 8 --work /shared/profile --out profile.json

Every node needs the dgov binary, and sees the dataset and the folder of --work under the same path. Without a running
cluster Ray starts one on this machine.
"""

import argparse
import pathlib
import subprocess

import ray


@ray.remote
def part(dgov: str, dataset: str, number: int, parts: int, out: str) -> str:
    command = [dgov, "data", "profile", dataset, "--shard", f"{number}/{parts}", "--out", out, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"part {number}/{parts} ended with {done.returncode}: {done.stderr}")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", help="dataset or path")
    parser.add_argument("--parts", type=int, default=8, help="at most one a file is of use")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the parts, seen by all nodes")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("profile.json"))
    parser.add_argument("--dgov", default="dgov", help="the binary")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    dataset, work = str(pathlib.Path(args.dataset).resolve()), args.work.resolve()
    tasks = [
        part.remote(args.dgov, dataset, number, args.parts, str(work / f"{number}-of-{args.parts}.part"))
        for number in range(1, args.parts + 1)
    ]
    files = ray.get(tasks)
    command = [args.dgov, "data", "profile", "--merge", *files, "--out", str(args.out), "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f"{args.out}: {len(files)} parts joined")


if __name__ == "__main__":
    main()
