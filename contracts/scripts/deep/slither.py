#!/usr/bin/env python3
"""Static analysis of our own contracts; every finding must be in slither.json with the reason why it is accepted.

    slither.py            checks: a finding without a reason fails, and a reason without a finding
    slither.py --update   writes the findings that are new to slither.json, with an empty reason for a person to fill in
"""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTS = os.path.dirname(os.path.dirname(HERE))
COPY = os.path.join(CONTRACTS, ".deep", "slither", "copy")
SLITHER = os.path.join(CONTRACTS, ".deep", "venv", "bin", "slither")
FORGE = os.environ.get("FORGE") or os.path.join(CONTRACTS, "node_modules/@foundry-rs/forge-linux-amd64/bin/forge")
KNOWN = os.path.join(HERE, "slither.json")
# Of style, or about what is everywhere here by choice: assembly and calls by hand, in places that say why; deadlines in
# seconds, see the assumptions of docs/threat-model.md; variables that begin as zero by the language.
EXCLUDED = (
    "naming-convention,solc-version,pragma,assembly,low-level-calls,too-many-digits,similar-names,unused-import,"
    "timestamp,uninitialized-local"
)


def main():
    result = os.path.join(CONTRACTS, ".deep", "slither", "result.json")
    if os.path.exists(result):
        os.remove(result)
    command = [SLITHER, ".", "--ignore-compile", "--filter-paths", "node_modules", "--exclude", EXCLUDED, "--json", result]
    # It asks Foundry for the configuration.
    environment = dict(os.environ, PATH=os.path.dirname(FORGE) + os.pathsep + os.environ["PATH"])
    done = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True)
    if not os.path.exists(result):
        raise SystemExit("slither failed:\n" + done.stdout[-2000:] + done.stderr[-4000:])
    with open(result) as file:
        answer = json.load(file)
    if not answer.get("success"):
        raise SystemExit(f"slither failed: {answer.get('error')}")
    found = {}
    for one in answer.get("results", {}).get("detectors", []):
        found.setdefault(key_of(one), one)
    with open(KNOWN) as file:
        known = json.load(file)

    new = [key for key in found if not known.get(key)]
    stale = [key for key in known if key not in found]
    if "--update" in sys.argv:
        with open(KNOWN, "w") as file:
            json.dump({key: known.get(key, "") for key in sorted(found)}, file, indent=1)
            file.write("\n")
    for key in new:
        print(f"new: {found[key]['impact']}: {found[key]['description'].strip()}", file=sys.stderr)
    for key in stale:
        print(f"accepted, but no longer found: {key}", file=sys.stderr)
    impacts = [one["impact"] for one in found.values()]
    counts = ", ".join(f"{impacts.count(name)} {name.lower()}" for name in ("High", "Medium", "Low", "Informational", "Optimization") if name in impacts)
    print(f"slither: {len(found)} findings ({counts or 'none'}), {len(found) - len(new)} accepted with a reason, {len(new)} new")
    return 1 if new or stale else 0


def key_of(one):
    """What is found, where: without line numbers, which move."""
    first = one["description"].strip().splitlines()[0]
    return one["check"] + ": " + re.sub(r"\s*\([\w./@-]+\.sol#[\d,#-]+\)", "", first).strip(" :")


if __name__ == "__main__":
    sys.exit(main())
