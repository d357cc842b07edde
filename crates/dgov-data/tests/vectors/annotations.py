#!/usr/bin/env python3
"""Makes annotations.json: images with COCO documents, a table of labels and Pascal VOC, and the keys of their records.

Keys are computed here from the definition alone, with Python's `json` and `csv`. Of RFC 8785 it needs the order of members
(UTF-16 code units), the escapes, and numbers: Python's shortest digits, laid out as ECMAScript has it.
"""

import csv
import hashlib
import io
import json
import pathlib
import random

IMAGES = {f"images/{name}": f"image {name}".encode() for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg")}


def number(value):
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    sign, value = ("-" if value < 0 else ""), abs(value)
    mantissa, _, exponent = f"{value!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        text = digits + "0" * (point - count)
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        power = point - 1
        text = digits[0] + ("." + digits[1:] if count > 1 else "") + f"e{'+' if power > 0 else '-'}{abs(power)}"
    return sign + text


def canonical(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(canonical(name) + ":" + canonical(member) for name, member in members) + "}"


def piece(kind, members):
    return hashlib.sha256(canonical({kind: members}).encode()).digest()


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


def pieces_of_coco(document, name):
    names = {category["id"]: category["name"] for category in document.get("categories", [])}
    for image in document["images"]:
        if image["file_name"].endswith(name):
            yield piece("image", without(image, "id", "file_name"))
            for annotation in document.get("annotations", []):
                if annotation["image_id"] == image["id"]:
                    kept = without(annotation, "id", "image_id")
                    if "category_id" in kept:
                        kept["category_id"] = names[kept["category_id"]]
                    yield piece("annotation", kept)


def pieces_of_table(text, name):
    for row in csv.DictReader(io.StringIO(text)):
        if row["filename"] == name:
            yield piece("label", without(row, "filename"))


def key(image, digests):
    cid = bytes([1, 0x55, 0x12, 32]) + hashlib.sha256(image).digest()
    return "0x" + hashlib.sha256(b"\0\6" + cid + b"".join(sorted(digests))).hexdigest()


def main():
    chance = random.Random(6)
    polygon = [chance.uniform(-1, 1) * 10.0 ** chance.randrange(-12, 26) for _ in range(64)]
    instances = {
        "info": {"year": 2026, "nested": [[], {}, {"": None}]},
        "images": [
            {"id": 9007199254740993, "file_name": "a.jpg", "width": 40, "height": 30, "date": "2026-12-01"},
            {"id": "b", "file_name": "./b.jpg", "height": 30.0, "width": 40.5},
            {"id": 7, "file_name": "images/c.jpg"},
        ],
        "annotations": [
            {"id": 1, "image_id": 9007199254740993, "category_id": 2, "bbox": [1, 2.5, 3, 4e0], "iscrowd": 0,
             "segmentation": [polygon, [0.1, 1e21, 1e20, 5e-324, 1.7976931348623157e308, -0.0, 9007199254740993]]},
            {"id": 2, "image_id": 9007199254740993, "category_id": 1, "bbox": [30, 20, 30, 2],
             "attributes": {"€": 1, "\r": 2, "דּ": 3, "1": 4, "😀": 5, "\x80": 6, "ö": "\x01\"\\/\b\f\n\t é😀"}},
            {"id": 3, "image_id": "b", "category_id": 2, "area": 12.0},
            {"id": 4, "image_id": "b", "category_id": 2, "area": 12.0},
        ],
        "categories": [{"id": 1, "name": "raccoon", "supercategory": "animal"}, {"id": 2, "name": "café \"bär\""}],
    }
    captions = {
        "annotations": [{"image_id": 1, "id": 1, "caption": "two raccoons"}],
        "images": [{"id": 1, "file_name": "a.jpg"}],
    }
    # The same, numbered otherwise: no record depends on it.
    renumbered = json.loads(json.dumps(instances))
    renumbered["images"].reverse()
    for image, other in zip(renumbered["images"], (1, 2, 3)):
        for annotation in renumbered["annotations"]:
            if annotation["image_id"] == image["id"]:
                annotation["image_id"] = f"new-{other}"
        image["id"] = f"new-{other}"
    table = ('filename,width,height,class,xmin,ymin,xmax,ymax\n'
             'a.jpg,40,30,raccoon,1,2,3,4\nb.jpg,40,30,"a ""b"", c",0,0,41,30\na.jpg,40,30,,5,5,5,9\n')
    voc = ("<annotation><size><width>40</width><height>30</height></size>"
           "<object><name>raccoon &amp; co</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>42</xmax><ymax>3</ymax></bndbox></object>"
           "</annotation>").encode()
    sets = {}

    def add(name, documents, pieces):
        keys = [key(content, pieces(path.removeprefix("images/"))) for path, content in IMAGES.items()]
        sets[name] = {"documents": documents, "keys": keys}

    dump = lambda document, **how: json.dumps(document, **how)
    add("coco", {"instances.json": dump(instances), "captions.json": dump(captions, indent=1)},
        lambda name: [*pieces_of_coco(instances, name), *pieces_of_coco(captions, name)])
    add("renumbered", {"instances.json": dump(renumbered, ensure_ascii=False, indent=1, sort_keys=True)},
        lambda name: list(pieces_of_coco(instances, name)))
    add("table", {"labels.csv": table}, lambda name: list(pieces_of_table(table, name)))
    add("all", {"instances.json": dump(instances), "labels.csv": table, "a.xml": voc.decode()},
        lambda name: [*pieces_of_coco(instances, name), *pieces_of_table(table, name),
                      *([hashlib.sha256(voc).digest()] if name == "a.jpg" else [])])
    vectors = {"images": {path: content.decode() for path, content in IMAGES.items()}, "sets": sets}
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
