#!/usr/bin/env python3
"""Checks that every test that docs/threat-model.md names exists."""

import glob
import os
import re
import sys

CONTRACTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODEL = os.path.join(os.path.dirname(CONTRACTS), "docs", "threat-model.md")


def main():
    with open(MODEL) as file:
        named = sorted(set(re.findall(r"`([\w.]+):((?:test|invariant|check)\w*)`", file.read())))
    wrong = []
    for name, function in named:
        paths = [os.path.join(CONTRACTS, "test", name + ".t.sol"), os.path.join(CONTRACTS, "test", "halmos", name + ".sol")]
        text = "".join(open(path).read() for path in paths if os.path.exists(path))
        if not re.search(rf"function {function}\(", text):
            wrong.append(f"docs/threat-model.md names {name}:{function}, which does not exist")
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"threat model: {len(named)} tests named, {len(wrong)} missing")
    return 1 if wrong or not named else 0


if __name__ == "__main__":
    sys.exit(main())
