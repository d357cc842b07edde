"""What mlcroissant makes of our cards."""

import json
import logging
import pathlib
import shutil
import sys

import mlcroissant as mlc
from absl import logging as absl_logging

absl_logging.set_verbosity(absl_logging.ERROR)
logging.getLogger().setLevel(logging.ERROR)

# Records of the real sets, counted by `wc -l` and `ls`.
COUNTS = {
    "gsm8k": {"train": 7473, "test": 1319},
    "raccoon": {"images": 200, "annotations": 200},
    "tables": {"rows": 3, "train": 2},
    "pushed": {"rows": 3, "train": 2},
}


def finish(path):
    """Writes what only a person can say, so that nothing but the format is in question."""
    card = json.loads(path.read_text())
    for key, value in card.items():
        if isinstance(value, str) and value.startswith("TODO(dgov)"):
            card[key] = "https://example.org" if key == "url" else "Said by the person who knows."
    card["rai:hasSyntheticData"] = False
    card["creator"]["name"] = "A"
    card["datePublished"] = "2026-12-01"
    path.write_text(json.dumps(card))


def records(folder):
    """Every record of every record set, by its id."""
    dataset = mlc.Dataset(jsonld=str(folder / "croissant.json"))
    return {entry.id: list(dataset.records(entry.id)) for entry in dataset.metadata.record_sets}


def load(name, folder):
    found = records(folder)
    for record_set, count in COUNTS[name].items():
        assert len(found[record_set]) == count, (record_set, len(found[record_set]), count)
    if "train.jsonl" in {path.name for path in folder.iterdir()}:
        lines = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
        for line, record in zip(lines, found["train"], strict=True):
            for field, value in line.items():
                got = record[f"train/{field}"]
                if isinstance(value, str):
                    assert got == value.encode(), (field, got, value)
                elif isinstance(value, list):
                    assert [item.decode() for item in got] == value, (field, got, value)
                else:
                    assert got == value, (field, got, value)
    if name == "raccoon":
        for image, annotation in zip(
            sorted(found["images"], key=lambda record: record["images/name"]),
            sorted(found["annotations"], key=lambda record: record["annotations/image_name"]),
            strict=True,
        ):
            assert image["images/name"] == annotation["annotations/image_name"]
            assert image["images/image"].width > 0
            assert b"<annotation" in annotation["annotations/document"]
    print(f"  {name}: valid, {sum(map(len, found.values()))} records of {len(found)} record sets read", flush=True)


def mutations():
    """Name, and what it does to a card and its folder."""

    def flip(card, _):
        digest = card["distribution"][0]["sha256"]
        card["distribution"][0]["sha256"] = ("0" if digest[0] != "0" else "1") + digest[1:]

    def byte(_, folder):
        path = folder / "rows.csv"
        path.write_text(path.read_text().replace("one", "two"))

    def field(name):
        return lambda card, _: card["recordSet"][0]["field"][0].pop(name)

    return {
        "digest": flip,
        "byte": byte,
        "no-name": lambda card, _: card.pop("name"),
        "no-license": lambda card, _: card.pop("license"),
        "no-description": lambda card, _: card.pop("description"),
        "no-file-name": lambda card, _: card["distribution"][0].pop("name"),
        "no-digest": lambda card, _: card["distribution"][0].pop("sha256"),
        "no-content-url": lambda card, _: card["distribution"][0].pop("contentUrl"),
        "no-data-type": field("dataType"),
        "no-source": field("source"),
        "no-field-name": field("name"),
        "dangling": lambda card, _: card["recordSet"][0]["field"][0]["source"].update(fileObject={"@id": "nothing"}),
        "two-ids": lambda card, _: card["recordSet"][1].update({"@id": card["recordSet"][0]["@id"]}),
        "context": lambda card, _: card["@context"].pop("recordSet"),
        "type": lambda card, _: card.update({"@type": "sc:Thing"}),
        "placeholder": lambda card, _: card.update(description="TODO"),
        "misspelled": lambda card, _: card.update(licence=card.pop("license")),
    }


def mutate(source, target):
    for name, change in mutations().items():
        folder = target / name
        shutil.copytree(source, folder)
        path = folder / "croissant.json"
        card = json.loads(path.read_text())
        change(card, folder)
        path.write_text(json.dumps(card))
        try:
            read = records(folder)
            verdict = "lets it through" if sum(map(len, read.values())) else "reads nothing"
        except Exception as error:  # whatever it says no with
            verdict = f"refuses it ({type(error).__name__})"
        print(name, verdict, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "finish":
        finish(pathlib.Path(sys.argv[2]))
    elif sys.argv[1] == "load":
        load(sys.argv[2], pathlib.Path(sys.argv[3]))
    else:
        mutate(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
