#!/usr/bin/env python3
"""Counts a folder of JSON lines, CSV or Parquet files again, with pyarrow and plain Python, and compares every exact figure of a profile with it.

    recount.py PROFILE FOLDER    # exit 1 and one line for each difference
"""

import collections
import csv
import fractions
import hashlib
import itertools
import json
import pathlib
import re
import sys

import pyarrow
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

# A cell of a CSV file may be longer than the module's own limit.
csv.field_size_limit(2**30)


ENDINGS = (".jsonl", ".csv", ".tsv", ".parquet")


def files_of(folder):
    """Files with records, in the order of their names."""
    paths = (path for path in folder.rglob("*") if path.suffix in ENDINGS)
    return sorted(paths, key=lambda path: str(path.relative_to(folder)).encode())


def records_of(folder):
    """The records: file, something that only copies have in common, fields."""
    for path in files_of(folder):
        if path.suffix == ".jsonl":
            for line in path.read_bytes().split(b"\n"):
                if line:
                    line = line.removesuffix(b"\r")
                    yield path, hashlib.sha256(b"\0\2" + line).digest(), json.loads(line)
        elif path.suffix == ".parquet":
            for row in pyarrow.parquet.read_table(path).to_pylist():
                yield path, repr(row), row
        else:
            with open(path, encoding="utf-8-sig", newline="") as file:
                rows = csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
                names = next(rows)
                for row in rows:
                    yield path, tuple(row), {name: value or None for name, value in zip(names, row, strict=True)}


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
    return {int: "integer", float: "float", str: "text", bytes: "bytes", list: "nested", dict: "nested"}[type(value)]


def lengths(values):
    return None if not values else {"min": min(values), "max": max(values), "mean": mean(values)}


def mean(values):
    return float(sum(map(fractions.Fraction, values)) / len(values))


def by_python(folder):
    """All figures, the way the documentation of the profile words them."""
    records = list(records_of(folder))
    rows = [row for _, _, row in records]
    names = sorted({name for row in rows for name in row})
    columns = []
    for name in names:
        values = [row[name] for row in rows if name in row]
        kinds = collections.Counter(map(kind_of, values))
        numbers = [value for value in values if kind_of(value) in ("integer", "float")]
        texts = [value for value in values if isinstance(value, str)]
        blobs = [value for value in values if isinstance(value, bytes)]
        different = {(kind_of(value), value if isinstance(value, bytes) else json.dumps(value))
                     for value in values if value is not None}
        columns.append({
            "name": name,
            "values": len(values),
            "missing": len(rows) - len(values),
            "kinds": {kind: kinds.get(kind, 0)
                      for kind in ("null", "true", "false", "integer", "float", "text", "bytes", "nested")},
            "distinct": len(different),
            "numbers": None if not numbers else
            {"min": min(numbers), "max": max(numbers), "mean": mean(numbers), "not_finite": 0},
            "characters": lengths(list(map(len, texts))),
            "byte_lengths": lengths(list(map(len, blobs))),
        })
    keys = [(key, split_of(path)) for path, key, _ in records]
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


def read(path):
    """A file as a table; cells of CSV are texts, empty ones null."""
    if path.suffix == ".jsonl":
        return pyarrow.json.read_json(path)
    if path.suffix == ".parquet":
        # A dictionary is a way to store a column, and other files store it otherwise.
        table = pyarrow.parquet.read_table(path)
        plain = [field.with_type(field.type.value_type) if pyarrow.types.is_dictionary(field.type) else field
                 for field in table.schema]
        return table.cast(pyarrow.schema(plain))
    tsv = path.suffix == ".tsv"
    with open(path, encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file, delimiter="\t" if tsv else ","))
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(delimiter="\t" if tsv else ",", newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={name: pyarrow.string() for name in names}, strings_can_be_null=True,
            quoted_strings_can_be_null=True, null_values=[""]))


def by_pyarrow(folder):
    """Rows, nulls, ranges and different values as pyarrow counts them."""
    table = pyarrow.concat_tables(map(read, files_of(folder)), promote_options="permissive")
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
        for figure in ("values", "missing", "kinds", "numbers", "characters", "byte_lengths"):
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
