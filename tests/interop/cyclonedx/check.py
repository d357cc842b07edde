"""Strict validation of a CycloneDX 1.7 document, and of mutated copies of it, each of which has to be refused."""
import copy, importlib.metadata, json, sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_7)


def error(document):
    return validator.validate_str(json.dumps(document))


document = json.load(open(sys.argv[1]))
found = error(document)
if found is not None:
    sys.exit(f"the document is refused: {found}")


def at(path):
    node = mutated
    for key in path[:-1]:
        node = node[key]
    return node, path[-1]


model = ["metadata", "component"]
data = ["components", 0]
mutations = [
    (["specVersion"], 1.7),
    (["bomFormat"], "SPDX"),
    (["version"], 0),
    (["serialNumber"], document["serialNumber"][:-1]),
    (["unknown"], 1),
    ([*model, "type"], "model"),
    ([*model, "modelCard", "modelParameters", "datasets", 0], {"reference": "data-1"}),
    ([*model, "components", 0, "hashes", 0, "content"], "00"),
    ([*model, "components", 0, "hashes", 0, "alg"], "SHA256"),
    ([*data, "licenses", 0, "license", "id"], "NOT-A-LICENSE"),
    ([*data, "data", 0, "type"], "images"),
    ([*data, "externalReferences", 0, "type"], "store"),
    ([*data, "externalReferences", 1, "hashes", 0, "content"], "xyz"),
    ([*data, "properties", 0, "extra"], 1),
    (["dependencies", 0, "ref"], None),
]
for path, value in mutations:
    mutated = copy.deepcopy(document)
    node, key = at(path)
    node[key] = value
    if error(mutated) is None:
        sys.exit(f"accepted with {path} = {value!r}")

# What the schema can't say: references that name nothing.
names = {part["bom-ref"] for part in [document["metadata"]["component"], *document["components"]]}
asked = [entry["ref"] for entry in document["metadata"]["component"]["modelCard"]["modelParameters"]["datasets"]]
for entry in document["dependencies"]:
    asked += [entry["ref"], *entry["dependsOn"]]
if not set(asked) <= names:
    sys.exit(f"references without components: {set(asked) - names}")
print(f"  cyclonedx-python-lib {importlib.metadata.version('cyclonedx-python-lib')}: accepted, {len(mutations)} mutated copies refused")
