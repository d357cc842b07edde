#!/usr/bin/env python3
"""Writes copies of a profile, each with one exact figure changed by one: mutate.py PROFILE FOLDER."""

import copy
import json
import math
import pathlib
import sys

# Not counted again: estimates, and what follows from hashes.
LEFT_OUT = {"near", "format", "record_format", "record_root", "columns_seen", "pii", "not_measured"}


def places(value, path=()):
    if isinstance(value, dict):
        if value.get("exact") is False:
            return
        for name, member in value.items():
            if name not in LEFT_OUT and not (name == "exact" and isinstance(member, bool)):
                yield from places(member, path + (name,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, path + (index,))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path


def main():
    profile, folder = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2])
    profile["columns"] = [column for column in profile["columns"] if column["missing"] is not None]
    folder.mkdir()
    for number, path in enumerate(places(profile)):
        mutant = copy.deepcopy(profile)
        at = mutant
        for step in path[:-1]:
            at = at[step]
        value = at[path[-1]]
        at[path[-1]] = math.nextafter(value, math.inf) if isinstance(value, float) else value + 1
        (folder / f"{number}.json").write_text(json.dumps(mutant))


if __name__ == "__main__":
    main()
