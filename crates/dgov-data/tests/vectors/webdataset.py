#!/usr/bin/env python3
"""Makes webdataset.json: one set of samples as tar archives of five kinds, and the keys of its records.

The archives are written by Python's tarfile, the keys computed here from the definition alone. A member above 1 MiB, whose CID
is that of a node, is checked against Kubo's known answers elsewhere (`tests/cid.rs`).
"""

import hashlib
import io
import json
import pathlib
import tarfile

LONG = "ordner/" + "sehr-langer-name-" * 12 + "ü"
SAMPLES = [
    ("000", {"jpg": b"\xff\xd8 not really", "txt": "ein Bär".encode(), "json": b'{"caption": "a bear", "n": 3}'}),
    ("a/000", {"cls": b"7\n", "seg.PNG": b""}),
    ("a/001", {"JPG": b"x" * 513}),
    (LONG, {"txt": b"long"}),
    ("000.again", {}),
]
SAMPLES[-1] = ("b/000", dict(SAMPLES[0][1]))


def cid(content):
    """CIDv1, raw, sha2-256: the root block of content of at most 1 MiB."""
    return bytes([1, 0x55, 0x12, 32]) + hashlib.sha256(content).digest()


def key(members):
    parts = sorted((extension.lower().encode(), content) for extension, content in members.items())
    canonical = b"".join(len(name).to_bytes(4, "big") + name + cid(content) for name, content in parts)
    return "0x" + hashlib.sha256(b"\0\7" + canonical).hexdigest()


def archive(format, mtime, folders, samples):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as tar:
        if folders:
            folder = tarfile.TarInfo("a")
            folder.type, folder.mtime = tarfile.DIRTYPE, mtime
            tar.addfile(folder)
        for name, members in samples:
            for extension, content in members.items():
                info = tarfile.TarInfo(f"{name}.{extension}")
                info.size, info.mtime = len(content), mtime
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue().rstrip(b"\0") + bytes(1024)


def pad(content):
    """Blocks that were taken for the end mark, or half of one."""
    return content + bytes(-len(content) % 512)


def main():
    short = [(name, members) for name, members in SAMPLES if name != LONG]
    files = {
        "ustar.tar": archive(tarfile.USTAR_FORMAT, 1, True, short),
        "gnu.tar": archive(tarfile.GNU_FORMAT, 1, False, SAMPLES),
        "pax.tar": archive(tarfile.PAX_FORMAT, 1, True, SAMPLES),
        "pax-times.tar": archive(tarfile.PAX_FORMAT, 1.5, False, SAMPLES),
    }
    vectors = {
        "keys": [key(members) for _, members in SAMPLES],
        "long": [name for name, _ in SAMPLES].index(LONG),
        "files": {name: pad(content).hex() for name, content in files.items()},
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
