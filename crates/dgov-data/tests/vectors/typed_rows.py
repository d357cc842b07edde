#!/usr/bin/env python3
"""Known answers for rows of Parquet and Arrow, from pyarrow: an implementation of docs/adr/0011-typed-rows.md of its own.

    python3 -m pip install pyarrow==26.0.1
    python3 crates/dgov-data/tests/vectors/typed_rows.py > crates/dgov-data/tests/vectors/typed_rows.json

Values come from pyarrow's Python objects and integer casts, not from its buffers.
"""

import decimal
import hashlib
import io
import json
import math
import struct

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

T = pa.types
NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def sized(data):
    return struct.pack(">I", len(data)) + data


def number(value, width):
    return value.to_bytes(width, "big", signed=True)


def encode(scalar, kind):
    """Tag and value of a pyarrow scalar."""
    if T.is_dictionary(kind):
        return encode(scalar.value if scalar.is_valid else scalar, kind.value_type)
    if not scalar.is_valid:
        return b"\0"
    if T.is_boolean(kind):
        return bytes([1, int(scalar.as_py())])
    if T.is_integer(kind):
        tag = {8: 0, 16: 1, 32: 2, 64: 3}[kind.bit_width] + (2 if T.is_signed_integer(kind) else 6)
        return bytes([tag]) + scalar.as_py().to_bytes(kind.bit_width // 8, "big", signed=T.is_signed_integer(kind))
    if T.is_floating(kind):
        tag, form, nan = {16: (10, ">e", "7e00"), 32: (11, ">f", "7fc00000"), 64: (12, ">d", "7ff8000000000000")}[kind.bit_width]
        value = float(scalar.as_py())
        return bytes([tag]) + (bytes.fromhex(nan) if math.isnan(value) else struct.pack(form, value))
    if T.is_string(kind) or T.is_large_string(kind) or T.is_string_view(kind):
        return b"\x0d" + sized(scalar.as_py().encode())
    if T.is_binary(kind) or T.is_large_binary(kind) or T.is_fixed_size_binary(kind) or T.is_binary_view(kind):
        return b"\x0e" + sized(scalar.as_py())
    if T.is_decimal(kind):
        with decimal.localcontext() as context:
            context.prec = 100
            unscaled = int(scalar.as_py().scaleb(kind.scale))
        return b"\x0f" + number(kind.scale, 1) + number(unscaled, 32)
    if T.is_date(kind):
        return b"\x10" + number(scalar.cast(pa.date32()).cast(pa.int32()).as_py(), 4)
    if T.is_time(kind):
        whole = scalar.cast(pa.int32() if T.is_time32(kind) else pa.int64()).as_py()
        return b"\x11" + number(whole * NANOS[kind.unit], 16)
    if T.is_timestamp(kind):
        return b"\x12" + bytes([kind.tz is not None]) + number(scalar.cast(pa.int64()).as_py() * NANOS[kind.unit], 16)
    if T.is_duration(kind):
        return b"\x13" + number(scalar.cast(pa.int64()).as_py() * NANOS[kind.unit], 16)
    if T.is_map(kind):
        pairs = list(scalar.values)
        out = b"\x17" + struct.pack(">I", len(pairs))
        for pair in pairs:
            out += encode(pair[0], kind.key_type) + encode(pair[1], kind.item_type)
        return out
    if T.is_list(kind) or T.is_large_list(kind) or T.is_fixed_size_list(kind):
        items = list(scalar.values)
        return b"\x15" + struct.pack(">I", len(items)) + b"".join(encode(item, kind.value_type) for item in items)
    if T.is_struct(kind):
        out = b"\x16" + struct.pack(">I", kind.num_fields)
        for field in kind:
            out += sized(field.name.encode()) + encode(scalar[field.name], field.type)
        return out
    raise ValueError(kind)


def rows(table):
    for index in range(table.num_rows):
        out = struct.pack(">I", table.num_columns)
        for name, column in zip(table.column_names, table.columns):
            out += sized(name.encode()) + encode(column[index], column.type)
        yield out


def table():
    d = decimal.Decimal
    columns = {
        "none": pa.nulls(3),
        "flag": pa.array([True, False, None]),
        **{f"{k}": pa.array([lo, hi, None], getattr(pa, k)()) for k, lo, hi in [
            ("int8", -128, 127), ("int16", -(2**15), 2**15 - 1), ("int32", -(2**31), 2**31 - 1), ("int64", -(2**63), 2**63 - 1),
            ("uint8", 0, 255), ("uint16", 1, 2**16 - 1), ("uint32", 1, 2**32 - 1), ("uint64", 1, 2**64 - 1)]},
        "float32": pa.array([1.5, float("nan"), -0.0], pa.float32()),
        "float64": pa.array([0.1, float("-inf"), float("nan")], pa.float64()),
        "float16": pa.array([0.5, float("nan"), None], pa.float16()),
        "string": pa.array(["", "é\n", None]),
        "large_string": pa.array(["a", "", None], pa.large_string()),
        "dictionary": pa.array(["x", "y", None]).dictionary_encode(),
        "binary": pa.array([b"", b"\x00\xff", None]),
        "fixed_binary": pa.array([b"ab", b"cd", None], pa.binary(2)),
        "decimal": pa.array([d("1.50"), d("-0.01"), None], pa.decimal128(9, 2)),
        "decimal256": pa.array([d(10) ** 50, d("-3.000"), None], pa.decimal256(60, 3)),
        "date32": pa.array([0, -1, None], pa.date32()),
        "date64": pa.array([0, 86_400_000, None], pa.date64()),
        "time_s": pa.array([1, 86_399, None], pa.time32("s")),
        "time_us": pa.array([1, 2, None], pa.time64("us")),
        "stamp_s": pa.array([-1, 2**33, None], pa.timestamp("s")),
        "stamp_ns": pa.array([1, -1, None], pa.timestamp("ns")),
        "stamp_zone": pa.array([0, 1, None], pa.timestamp("us", "Europe/Berlin")),
        "duration": pa.array([5, -5, None], pa.duration("ms")),
        "list": pa.array([[1, None], [], None], pa.list_(pa.int32())),
        "large_list": pa.array([["a"], ["b", ""], None], pa.large_list(pa.string())),
        "fixed_list": pa.array([[1, 2], [3, 4], None], pa.list_(pa.int64(), 2)),
        "struct": pa.array([{"a": 1, "b": None}, {"a": None, "b": ["x"]}, None],
                           pa.struct([("a", pa.int8()), ("b", pa.list_(pa.string()))])),
        "map": pa.array([[("k", 1), ("j", None)], [], None], pa.map_(pa.string(), pa.int64())),
    }
    return pa.table(columns)


def main():
    source = table()
    keys = ["0x" + hashlib.sha256(b"\0\x04" + row).hexdigest() for row in rows(source)]
    files = {}
    for codec in ["none", "snappy", "zstd", "gzip", "lz4", "brotli"]:
        out = io.BytesIO()
        pq.write_table(source, out, compression=codec, row_group_size=2)
        files[f"{codec}.parquet"] = out.getvalue()
    for codec in [None, "zstd", "lz4"]:
        options = pa.ipc.IpcWriteOptions(compression=codec)
        for name, writer in [("arrow", pa.ipc.new_file), ("arrows", pa.ipc.new_stream)]:
            out = io.BytesIO()
            with writer(out, source.schema, options=options) as sink:
                sink.write_table(source, max_chunksize=2)
            files[f"{codec or 'none'}.{name}"] = out.getvalue()
    first = next(rows(source))
    print(json.dumps({
        "generator": f"typed_rows.py with pyarrow {pa.__version__}",
        "first_row": first.hex(),
        "keys": keys,
        "files": {name: data.hex() for name, data in files.items()},
    }, indent=1))


main()
