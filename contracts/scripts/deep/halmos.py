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
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTS = os.path.dirname(os.path.dirname(HERE))
COPY = os.path.join(CONTRACTS, ".deep", "halmos", "copy")
BIN = os.path.join(CONTRACTS, ".deep", "venv", "bin")
FORGE = os.environ.get("FORGE") or os.path.join(CONTRACTS, "node_modules/@foundry-rs/forge-linux-amd64/bin/forge")
SECONDS = 600


def main():
    copy()
    names, proved = list(proofs()), 0
    print("| proof | result | time |\n| --- | --- | --- |")
    for proof in names:
        result, seconds = run(proof)
        print(f"| {proof} | {result} | {seconds} s |", flush=True)
        proved += result == "proved"
    figure, failed = f"{proved} of {len(names)} proved", proved != len(names)
    if "--mutants" in sys.argv:
        print("\n".join(["", "| line changed | proof | result |", "| --- | --- | --- |"]))
        with open(os.path.join(HERE, "halmos.json")) as file:
            listed = json.load(file)
        refuted = sum(noticed(one) for one in listed)
        figure += f", {refuted} of {len(listed)} refuted when a line is changed"
        failed |= refuted != len(listed) or {one["proof"] for one in listed} != set(names)
    print(f"\n{figure}")
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
        result, _ = run(one["proof"])
    finally:
        with open(path, "w") as file:
            file.write(text)
    print(f"| `{line(one['old'])}` -> `{line(one['new'])}` | {one['proof']} | {result} |", flush=True)
    return result == "refuted"


def line(text):
    return " ".join(text.split())


def proofs():
    for path in sorted(glob.glob(os.path.join(COPY, "test/halmos/*.sol"))):
        with open(path) as file:
            yield from re.findall(r"function (check_\w+)\(", file.read())


def run(proof):
    """Result and seconds of a proof. What Halmos asks inside its own process does not always come back: it gets a second try."""
    result = None
    for _ in range(2):
        result = result or attempt(proof)
    return result or ("NO ANSWER", 2 * SECONDS)


def attempt(proof):
    environment = dict(os.environ, PATH=os.path.dirname(FORGE) + os.pathsep + os.environ["PATH"])
    solver = shlex.join([os.path.join(BIN, "python"), os.path.join(HERE, "solve.py"), str(SECONDS)])
    command = [os.path.join(BIN, "halmos"), "--root", ".", "--match-test", f"^{proof}\\(", "--loop", "300", "--no-status"]
    # One query at a time: two solvers work on it.
    command += ["--solver-command", solver, "--solver-threads", "1", "--solver-timeout-assertion", str(1000 * SECONDS)]
    try:
        done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None
    text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    with open(os.path.join(CONTRACTS, ".deep", "halmos", "log.txt"), "a") as log:
        log.write(text)
    found = re.search(rf"\[(PASS|FAIL|TIMEOUT|ERROR)\] {proof}\(.*?\(paths: \d+, time: ([\d.]+)s", text)
    if not found:
        sys.stderr.write(text[-3000:])
        return "NOT RUN", 0
    cut = "loop unrolling bound" in text or "incomplete" in text.lower()
    words = {"PASS": "PATHS CUT OFF" if cut else "proved", "FAIL": "refuted", "TIMEOUT": "NO ANSWER", "ERROR": "ERROR"}
    return words[found.group(1)], round(float(found.group(2)))


if __name__ == "__main__":
    sys.exit(main())
