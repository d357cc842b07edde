#!/usr/bin/env python3
"""Copies Solidity files and all that they import into a project of their own, so that a tool compiles nothing else.

    sparse.py DESTINATION FILE...

The copy's compiler is contracts/bin/solc; node_modules and lib are linked, as far as files are not copied from them.
"""

import os
import re
import shutil
import sys

CONTRACTS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    destination, todo, done = sys.argv[1], [os.path.normpath(name) for name in sys.argv[2:]], set()
    for part in ("src", "test"):
        shutil.rmtree(os.path.join(destination, part), ignore_errors=True)
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        source = os.path.join(CONTRACTS, name)
        target = os.path.join(destination, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        with open(source) as file:
            text = file.read()
        for path in re.findall(r'^\s*import\b[^;]*?"([^"]+)"', text, flags=re.M | re.S):
            todo.append(resolve(name, path))
    with open(os.path.join(CONTRACTS, "foundry.toml")) as file:
        text = file.read().replace('solc = "bin/solc"', f'solc = "{CONTRACTS}/bin/solc"')
    # Restrictions name files that may not be in the copy.
    text = re.sub(r"(?m)^(additional_compiler_profiles|compilation_restrictions) = .*\n", "", text)
    with open(os.path.join(destination, "foundry.toml"), "w") as file:
        file.write(text)


def resolve(name, path):
    if path.startswith("."):
        return os.path.normpath(os.path.join(os.path.dirname(name), path))
    if path.startswith("@openzeppelin/"):
        return os.path.join("node_modules", path)
    if path.startswith("forge-std/"):
        return os.path.join("lib/forge-std/src", path[len("forge-std/") :])
    raise SystemExit(f"sparse.py: {name} imports {path}")


if __name__ == "__main__":
    main()
