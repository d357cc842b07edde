#!/usr/bin/env python3
"""Sets of JSON lines, CSV and Parquet files with everything that is counted: generate.py FOLDER. The same bytes each time."""

import csv
import json
import math
import pathlib
import random
import struct
import sys

import pyarrow
import pyarrow.parquet


def double(random):
    """Any finite double: all exponents, both signs, the smallest ones too."""
    while True:
        value = struct.unpack("<d", random.randbytes(8))[0]
        if math.isfinite(value):
            return value


WORDS = "sum ünder größe 数据 the of many number clip blue fiber half ёлка and robe takes".split()
SPLITS = (("train-0", 3000), ("train-1", 2000), ("validation", 400), ("test", 500))


def lines(folder):
    chance = random.Random(5)
    folder.mkdir(parents=True)
    words = WORDS
    kept = []
    for name, count in SPLITS:
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


def rows(chance, make):
    """Rows of each split, some of them more than once."""
    kept = []
    for name, count in SPLITS:
        of_split = []
        for _ in range(count):
            row = chance.choice(kept) if kept and chance.random() < 0.1 else make()
            kept.append(row)
            of_split.append(row)
        yield name, of_split


def tables_of_text(folder):
    chance = random.Random(6)
    folder.mkdir(parents=True)
    text = lambda: "".join(chance.choices(WORDS + [" ", ",", '"', "\n", "\r\n", "\t", "'"], k=chance.randrange(0, 20)))
    make = lambda: [str(chance.randrange(10**6)), text(), "" if chance.random() < 0.2 else chance.choice(WORDS)]
    for name, of_split in rows(chance, make):
        ending = "tsv" if name == "test" else "csv"
        with open(folder / f"{name}.{ending}", "w", encoding="utf-8", newline="") as file:
            how = {"delimiter": "\t" if ending == "tsv" else ",", "lineterminator": chance.choice(["\n", "\r\n"])}
            writer = csv.writer(file, quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), **how)
            writer.writerow(["id", "free text", "word"])
            writer.writerows(of_split)


def tables(folder):
    chance = random.Random(7)
    folder.mkdir(parents=True)
    schema = pyarrow.schema([
        ("id", pyarrow.int64()), ("small", pyarrow.int8()), ("large", pyarrow.uint64()), ("single", pyarrow.float32()),
        ("double", pyarrow.float64()), ("text", pyarrow.string()), ("word", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
        ("ok", pyarrow.bool_()), ("blob", pyarrow.binary()), ("tags", pyarrow.list_(pyarrow.string())),
        ("place", pyarrow.struct([("x", pyarrow.int32()), ("y", pyarrow.int32())])),
    ])

    def make():
        row = {
            "id": chance.getrandbits(62) - 2**61, "small": chance.randrange(-3, 4), "large": chance.getrandbits(64),
            "single": struct.unpack("<f", struct.pack("<f", chance.gauss(0, 1e6)))[0], "double": double(chance),
            "text": " ".join(chance.choices(WORDS, k=chance.randrange(0, 30))), "word": chance.choice(WORDS),
            "ok": chance.random() < 0.3, "blob": chance.randbytes(chance.randrange(9)),
            "tags": [chance.choice(WORDS) for _ in range(chance.randrange(3))],
            "place": {"x": chance.randrange(5), "y": chance.randrange(5)},
        }
        return {name: None if name != "id" and chance.random() < 0.1 else value for name, value in row.items()}

    codecs = iter(("snappy", "zstd", "gzip", "lz4"))
    for name, of_split in rows(chance, make):
        table = pyarrow.Table.from_pylist(of_split, schema)
        how = {"compression": next(codecs), "row_group_size": 700, "write_page_checksum": True}
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet", **how)


def main():
    folder = pathlib.Path(sys.argv[1])
    lines(folder / "lines")
    tables_of_text(folder / "csv")
    tables(folder / "parquet")


if __name__ == "__main__":
    main()
