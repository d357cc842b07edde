#!/usr/bin/env python3
"""Reads lcov and prints a table of coverage by file of our own contracts; fails below 95 % of branches.

    coverage.py LCOV
"""

import sys

RATE = 95


def main():
    rows, name = {}, None
    with open(sys.argv[1]) as file:
        for line in file:
            key, _, value = line.strip().partition(":")
            if key == "SF":
                name = value if value.startswith("src/") else None
                if name:
                    rows.setdefault(name, {"lines": [0, 0], "branches": [0, 0], "functions": [0, 0], "missing": []})
            elif name and key == "DA":
                number, hits = value.split(",")[:2]
                count(rows[name]["lines"], hits != "0")
            elif name and key == "BRDA":
                number, _, _, hits = value.split(",")
                count(rows[name]["branches"], hits not in ("0", "-"))
                if hits in ("0", "-"):
                    rows[name]["missing"].append(number)
            elif name and key == "FNDA":
                count(rows[name]["functions"], not value.startswith("0,"))
    if not rows:
        raise SystemExit("coverage.py: no file of ours in " + sys.argv[1])

    total = {key: [sum(row[key][i] for row in rows.values()) for i in (0, 1)] for key in ("lines", "branches", "functions")}
    print("| file | lines | branches | functions |")
    print("| --- | --- | --- | --- |")
    for path, row in sorted(rows.items()) + [("all", total)]:
        cells = [f"{percent(row[key]):.1f} % ({row[key][0]}/{row[key][1]})" for key in ("lines", "branches", "functions")]
        print(f"| {path} | {' | '.join(cells)} |")
    for path, row in sorted(rows.items()):
        if row["missing"]:
            print(f"branches not taken: {path}: lines {', '.join(sorted(set(row['missing']), key=int))}", file=sys.stderr)
    return 1 if percent(total["branches"]) < RATE else 0


def count(pair, hit):
    pair[0] += hit
    pair[1] += 1


def percent(pair):
    return 100 * pair[0] / pair[1] if pair[1] else 100


if __name__ == "__main__":
    sys.exit(main())
