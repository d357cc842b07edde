#!/usr/bin/env python3
"""A set of JSON lines with everything that is counted: generate.py FOLDER. The same bytes each time."""

import json
import math
import pathlib
import random
import struct
import sys


def double(random):
    """Any finite double: all exponents, both signs, the smallest ones too."""
    while True:
        value = struct.unpack("<d", random.randbytes(8))[0]
        if math.isfinite(value):
            return value


def main():
    folder, chance = pathlib.Path(sys.argv[1]), random.Random(5)
    folder.mkdir(parents=True)
    words = "sum ünder größe 数据 the of many number clip blue fiber half ёлка and robe takes".split()
    kept = []
    for name, count in (("train-0", 3000), ("train-1", 2000), ("validation", 400), ("test", 500)):
        with open(folder / f"{name}.jsonl", "w", encoding="utf-8", newline="\n") as file:
            for _ in range(count):
                if kept and chance.random() < 0.1:
                    file.write(chance.choice(kept))
                    continue
                row = {
                    "id": chance.getrandbits(62) - 2**61,
                    "small": chance.randrange(-3, 4),
                    "share": double(chance) if chance.random() < 0.5 else chance.random(),
                    "text": " ".join(chance.choices(words, k=chance.randrange(0, 30))),
                    "ok": chance.random() < 0.3,
                    "tags": [chance.choice(words) for _ in range(chance.randrange(3))],
                }
                for column in list(row):
                    if column != "id" and chance.random() < 0.1:
                        if chance.random() < 0.5:
                            row[column] = None
                        else:
                            del row[column]
                line = json.dumps(row, ensure_ascii=chance.random() < 0.2) + "\n"
                kept.append(line)
                file.write(line)


if __name__ == "__main__":
    main()
