#!/usr/bin/env python3
"""Counts a folder of JSON lines again, with pyarrow and plain Python, and compares every exact figure of a profile with it.

    recount.py PROFILE FOLDER    # exit 1 and one line for each difference
"""

import collections
import fractions
import hashlib
import itertools
import json
import pathlib
import re
import sys

import pyarrow
import pyarrow.compute as compute
import pyarrow.json


def lines_of(folder):
    """The records, by file in the order of their names."""
    for path in sorted(folder.rglob("*.jsonl"), key=lambda path: str(path.relative_to(folder)).encode()):
        for line in path.read_bytes().split(b"\n"):
            if line:
                yield path, line.removesuffix(b"\r")


def split_of(path):
    words = {"train": "train", "training": "train", "test": "test", "testing": "test", "validation": "validation",
             "valid": "validation", "val": "validation", "dev": "validation", "eval": "eval"}
    found = {words[word] for word in re.split(r"[\W_]+", path.name.lower()) if word in words}
    return found.pop() if len(found) == 1 else None


def kind_of(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return {int: "integer", float: "float", str: "text", list: "nested", dict: "nested"}[type(value)]


def mean(values):
    return float(sum(map(fractions.Fraction, values)) / len(values))


def by_python(folder):
    """All figures, the way the documentation of the profile words them."""
    records = list(lines_of(folder))
    rows = [json.loads(line) for _, line in records]
    names = sorted({name for row in rows for name in row})
    columns = []
    for name in names:
        values = [row[name] for row in rows if name in row]
        kinds = collections.Counter(map(kind_of, values))
        numbers = [value for value in values if kind_of(value) in ("integer", "float")]
        texts = [value for value in values if isinstance(value, str)]
        different = {(kind_of(value), json.dumps(value)) for value in values if value is not None}
        columns.append({
            "name": name,
            "values": len(values),
            "missing": len(rows) - len(values),
            "kinds": {kind: kinds.get(kind, 0)
                      for kind in ("null", "true", "false", "integer", "float", "text", "bytes", "nested")},
            "distinct": len(different),
            "numbers": None if not numbers else
            {"min": min(numbers), "max": max(numbers), "mean": mean(numbers), "not_finite": 0},
            "characters": None if not texts else
            {"min": min(map(len, texts)), "max": max(map(len, texts)), "mean": mean(list(map(len, texts)))},
        })
    keys = [(hashlib.sha256(b"\0\2" + line).digest(), split_of(path)) for path, line in records]
    splits = collections.Counter(split for _, split in keys if split)
    members = {split: {key for key, other in keys if other == split} for split in splits}
    shared = lambda a, b: sum(1 for key, split in keys if split == a and key in members[b])
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {
        "records": len(records),
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "columns": columns,
        "duplicates": {"distinct": len({key for key, _ in keys}),
                       "exact": len(keys) - len({key for key, _ in keys})},
        "splits": [{"name": name, "records": splits[name]} for name in sorted(splits)],
        "split_overlap": [{"a": a, "b": b, "exact": {"a_in_b": shared(a, b), "b_in_a": shared(b, a)}}
                          for a, b in itertools.combinations(sorted(splits), 2)],
    }


def by_pyarrow(folder):
    """Rows, nulls, ranges and different values as pyarrow counts them."""
    paths = sorted({path for path, _ in lines_of(folder)})
    tables = [pyarrow.json.read_json(path) for path in paths]
    table = pyarrow.concat_tables(tables, promote_options="permissive")
    columns = {}
    for name in table.column_names:
        column = table.column(name)
        figures = {"null_or_missing": column.null_count}
        if not pyarrow.types.is_nested(column.type):
            figures["distinct"] = compute.count_distinct(column, mode="only_valid").as_py()
        if pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type):
            figures |= compute.min_max(column).as_py()
        if pyarrow.types.is_string(column.type):
            lengths = compute.min_max(compute.utf8_length(column)).as_py()
            figures |= {"shortest": lengths["min"], "longest": lengths["max"]}
        columns[name] = figures
    return table.num_rows, columns


def main():
    profile, folder = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2])
    differences = []

    def same(what, said, counted):
        if said != counted or type(said) is bool != type(counted) is bool:
            differences.append(f"{what}: the profile says {said}, counted {counted}")

    counted = by_python(folder)
    for figure in ("records", "files", "bytes"):
        same(figure, profile[figure], counted[figure])
    for figure in ("distinct", "exact"):
        same(f"duplicates {figure}", profile["duplicates"][figure], counted["duplicates"][figure])
    same("splits", profile["splits"], counted["splits"])
    same("overlap", [{name: pair[name] for name in ("a", "b", "exact")} for pair in profile["split_overlap"]],
         counted["split_overlap"])
    top = [column for column in profile["columns"] if column["missing"] is not None]
    same("columns", [column["name"] for column in top], [column["name"] for column in counted["columns"]])
    for said, column in zip(top, counted["columns"]):
        for figure in ("values", "missing", "kinds", "numbers", "characters"):
            same(f"{column['name']} {figure}", said[figure], column[figure])
        if said["distinct"]["exact"]:
            same(f"{column['name']} distinct", said["distinct"]["value"], column["distinct"])
        elif abs(said["distinct"]["value"] - column["distinct"]) > 0.03 * column["distinct"]:
            differences.append(f"{column['name']} distinct: an estimate of {said['distinct']['value']} for {column['distinct']}")
    rows, arrow = by_pyarrow(folder)
    same("pyarrow: records", profile["records"], rows)
    for said in top:
        figures, name = arrow[said["name"]], said["name"]
        same(f"pyarrow: {name} nulls", said["kinds"]["null"] + said["missing"], figures["null_or_missing"])
        if "distinct" in figures and said["distinct"]["exact"]:
            same(f"pyarrow: {name} distinct", said["distinct"]["value"], figures["distinct"])
        if "min" in figures:
            same(f"pyarrow: {name} range", [said["numbers"]["min"], said["numbers"]["max"]], [figures["min"], figures["max"]])
        if "shortest" in figures:
            same(f"pyarrow: {name} lengths", [said["characters"]["min"], said["characters"]["max"]],
                 [figures["shortest"], figures["longest"]])
    for difference in differences:
        print(difference)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
