"""What huggingface_hub makes of a README of ours, and of mutated copies of it."""

import pathlib
import sys

from huggingface_hub import DatasetCard

HUB = {"MIT": "mit", "CC-BY-NC-4.0": "cc-by-nc-4.0"}


def main(path, spdx, words=None):
    text = pathlib.Path(path).read_text()
    card = DatasetCard.load(path)
    data = card.data.to_dict()
    assert data["license"] == HUB.get(spdx, "other"), data
    if data["license"] == "other":
        assert data["license_name"] == spdx, data
    assert "<!-- dgov:begin -->" in card.text and "<!-- dgov:end -->" in card.text
    assert spdx in card.text
    if words:
        assert words in card.text and data["tags"] == ["mine"], data
    else:
        assert data["size_categories"] == ["n<1K"], data
    # The same document comes out of its own writer: nothing in the front matter was lost.
    assert DatasetCard(str(card)).data.to_dict() == data

    refused = 0
    for mutated in (
        text.replace("---\n", "---\n\t: [\n", 1),
        text.replace("license:", "license: [", 1),
        text.replace("license:", "- license:", 1),
    ):
        try:
            other = DatasetCard(mutated).data.to_dict()
        except Exception:  # whatever it says no with
            refused += 1
        else:
            assert other != data, mutated
    assert refused >= 2, refused
    print(f"  {spdx}: license {data['license']}, {refused} of 3 mutated copies refused, the rest read otherwise")


if __name__ == "__main__":
    main(*sys.argv[1:])
