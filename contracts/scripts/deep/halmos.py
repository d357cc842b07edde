#!/usr/bin/env python3
"""Runs the symbolic proofs in test/halmos, in a copy that holds nothing else, and prints a table.

    halmos.py [--mutants]

A proof that does not end in time, or whose paths were cut off, counts as failed. With --mutants each proof is run once more
with the line that it guards changed, see halmos.json, and must fail.
"""

import glob
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTS = os.path.dirname(os.path.dirname(HERE))
COPY = os.path.join(CONTRACTS, ".deep", "halmos", "copy")
HALMOS = os.path.join(CONTRACTS, ".deep", "venv", "bin", "halmos")
FORGE = os.environ.get("FORGE") or os.path.join(CONTRACTS, "node_modules/@foundry-rs/forge-linux-amd64/bin/forge")
SECONDS = 900


def main():
    copy()
    rows, failed = [], False
    for proof, result, seconds in run():
        rows.append(f"| {proof} | {result} | {seconds} s |")
        failed |= result != "proved"
    if not rows:
        raise SystemExit("halmos ran no proof")
    print("\n".join(["| proof | result | time |", "| --- | --- | --- |"] + rows))
    if "--mutants" in sys.argv:
        print("\n".join(["", "| line changed | proof | result |", "| --- | --- | --- |"]))
        with open(os.path.join(HERE, "halmos.json")) as file:
            listed = json.load(file)
        for one in listed:
            failed |= not noticed(one)
    return 1 if failed else 0


def copy():
    files = [os.path.relpath(path, CONTRACTS) for path in glob.glob(os.path.join(CONTRACTS, "test/halmos/*.sol"))]
    subprocess.run([sys.executable, os.path.join(HERE, "sparse.py"), COPY] + sorted(files), cwd=CONTRACTS, check=True)


def noticed(one):
    path = os.path.join(COPY, one["file"])
    with open(path) as file:
        text = file.read()
    if text.count(one["old"]) != 1:
        print(f"| `{line(one['old'])}` | {one['proof']} | THE LINE IS NOT THERE ONCE |")
        return False
    with open(path, "w") as file:
        file.write(text.replace(one["old"], one["new"]))
    try:
        results = [result for _, result, _ in run("--match-test", "^" + one["proof"] + r"\(")]
    finally:
        with open(path, "w") as file:
            file.write(text)
    good = results == ["refuted"]
    print(f"| `{line(one['old'])}` -> `{line(one['new'])}` | {one['proof']} | {', '.join(results) or 'NOT RUN'} |", flush=True)
    return good


def line(text):
    return " ".join(text.split())


def run(*options):
    """Name, result and seconds of each proof."""
    environment = dict(os.environ, PATH=os.path.dirname(FORGE) + os.pathsep + os.environ["PATH"])
    command = [HALMOS, "--root", ".", "--function", "check_", "--loop", "300", "--no-status"]
    command += ["--solver-timeout-assertion", str(1000 * SECONDS), *options]
    started = time.time()
    done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True)
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    with open(os.path.join(CONTRACTS, ".deep", "halmos", "log.txt"), "a") as log:
        log.write(text)
    cut = "loop unrolling bound" in text or "incomplete" in text.lower()
    found = re.findall(r"\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)\(.*?\(paths: \d+, time: ([\d.]+)s", text)
    if not found:
        sys.stderr.write(text[-3000:])
    words = {"PASS": "PATHS CUT OFF" if cut else "proved", "FAIL": "refuted", "TIMEOUT": "NO ANSWER", "ERROR": "ERROR"}
    return [(name, words[kind], round(float(seconds))) for kind, name, seconds in found]


if __name__ == "__main__":
    sys.exit(main())
