#!/usr/bin/env python3
"""Shards as webdataset's own writer makes them: make.py FOLDER. The same bytes each time but for the times of members."""

import pathlib
import random
import sys

import webdataset


def main():
    folder, chance = pathlib.Path(sys.argv[1]), random.Random(8)
    folder.mkdir(parents=True)
    with webdataset.ShardWriter(str(folder / "train-%06d.tar"), maxcount=7, verbose=0) as sink:
        for number in range(20):
            key = f"{'sub/' * (number % 3)}sample{number:04}" + "-long" * (40 if number == 5 else 0)
            sample = {"__key__": key, "jpg": chance.randbytes(chance.randrange(3000)), "cls": number % 5,
                      "json": {"number": number, "text": "größe"}}
            if number % 4 == 0:
                sample["seg.PNG"] = chance.randbytes(600)
            if number == 9:
                sample["bin"] = chance.randbytes((3 << 20) + 17)
            sink.write(sample)


if __name__ == "__main__":
    main()
