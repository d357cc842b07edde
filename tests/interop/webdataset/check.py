#!/usr/bin/env python3
"""Compares the samples that webdataset reads from shards with the records of dgov.

    check.py DGOV FOLDER           # names, parts and keys of all samples; prints their number
    check.py DGOV FOLDER other     # the samples of FOLDER are not all records of the folder `other`: prints how many are not
"""

import hashlib
import json
import pathlib
import subprocess
import sys

import webdataset

CHUNK, WIDTH = 1 << 20, 1024


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def cid(content):
    """CIDv1 under unixfs-v1-2025: raw leaves of 1 MiB, one node above several of them."""
    parts = [content[at:at + CHUNK] for at in range(0, len(content), CHUNK)] or [b""]
    assert len(parts) <= WIDTH
    leaves = [bytes([1, 0x55, 0x12, 32]) + hashlib.sha256(part).digest() for part in parts]
    if len(leaves) == 1:
        return leaves[0]
    links = b"".join(field(2, field(1, leaf) + field(2, b"") + field(3, len(part))) for leaf, part in zip(leaves, parts))
    data = field(1, 2) + field(3, len(content)) + b"".join(field(4, len(part)) for part in parts)
    return bytes([1, 0x70, 0x12, 32]) + hashlib.sha256(links + field(1, data)).digest()


def key(parts):
    canonical = b"".join(len(name.encode()).to_bytes(4, "big") + name.encode() + cid(parts[name])
                         for name in sorted(parts, key=str.encode))
    return "0x" + hashlib.sha256(b"\0\7" + canonical).hexdigest()


def samples(folder):
    """Place, name and parts of each sample, as webdataset reads them."""
    for shard in sorted(folder.glob("*.tar")):
        dataset = webdataset.WebDataset(str(shard), shardshuffle=False, handler=webdataset.reraise_exception)
        for number, sample in enumerate(dataset, 1):
            parts = {name: content for name, content in sample.items() if not name.startswith("__")}
            yield f"{shard.name}:{number}", sample["__key__"], parts


def main():
    dgov, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()

    def ask(*words):
        done = subprocess.run([dgov, "data", *words, "--json"], capture_output=True, text=True, cwd=folder.parent)
        answer = json.loads(done.stdout)
        return done.returncode, answer.get("data", answer)

    found = list(samples(folder))
    if len(sys.argv) > 3:
        absent = [key(parts) for _, _, parts in found]
        absent = [each for each in absent if ask("prove", sys.argv[3], "--local", "--absent", each)[0] == 0]
        print(len(absent))
        return
    _, profile = ask("profile", folder.name, "--out", "profile.json")
    assert profile["records"] == len(found), (profile["records"], len(found))
    columns = {column["name"]: column for column in profile["columns"] if column["missing"] is not None}
    extensions = {name.replace(".", "\\.") for _, _, parts in found for name in parts}
    assert set(columns) == extensions | {"__key__"}, (set(columns), extensions)
    assert columns["__key__"]["distinct"]["value"] == len({name for _, name, _ in found})
    for name, column in columns.items():
        if name != "__key__":
            assert column["values"] == sum(name.replace("\\.", ".") in parts for _, _, parts in found), name
    for place, name, parts in found:
        code, proof = ask("prove", folder.name, "--local", "--record", place)
        assert code == 0 and proof["key"] == key(parts), (place, name, proof, key(parts))
    print(len(found))


if __name__ == "__main__":
    main()
