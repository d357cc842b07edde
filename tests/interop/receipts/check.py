"""check.py RECEIPT MODEL KEY: the statements and the model's signature, by the libraries of in-toto and OpenSSF."""

import base64
import importlib.metadata
import json
import pathlib
import shutil
import sys
import tempfile

from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from model_signing import verifying

receipt, model, key = (pathlib.Path(argument) for argument in sys.argv[1:4])


def payload(name):
    bundle = json.loads((receipt / name).read_text())
    return json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))


def validate(document):
    message = ParseDict(document, StatementMessage())
    statement = Statement.__new__(Statement)
    statement.pb = message
    statement.validate()


def refused(work, what):
    try:
        work()
    except Exception:
        return
    sys.exit(f"accepted: {what}")


for name in ["run.sigstore.json", "gate.sigstore.json", "model.sig"]:
    document = payload(name)
    validate(document)
    for member in ["_type", "subject", "predicateType", "predicate"]:
        changed = dict(document)
        del changed[member]
        refused(lambda: validate(changed), f"{name} without {member}")
    changed = json.loads(json.dumps(document))
    changed["subject"][0]["digest"] = {}
    refused(lambda: validate(changed), f"{name} without a digest")
predicate = payload("run.sigstore.json")["predicate"]
ParseDict(predicate, Provenance())
refused(lambda: ParseDict({**predicate, "buildDefinition": 7}, Provenance()), "a build definition that is a number")
version = importlib.metadata.version
print(f"  in-toto-attestation {version('in-toto-attestation')}: three statements valid, fifteen changed ones refused; SLSA provenance parses")


def verify(signature, folder):
    verifying.Config().use_elliptic_key_verifier(public_key=key).verify(folder, signature)


signature = receipt / "model.sig"
verify(signature, model)
with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder) / model.name
    shutil.copytree(model, copy)
    (copy / "weights.bin").write_bytes(b"other")
    refused(lambda: verify(signature, copy), "other weights")
    shutil.rmtree(copy)
    shutil.copytree(model, copy)
    (copy / "more.bin").write_bytes(b"x")
    refused(lambda: verify(signature, copy), "a file more")
    bundle = json.loads(signature.read_text())
    raw = bytearray(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    raw[-3] ^= 1
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(bytes(raw)).decode()
    forged = pathlib.Path(folder) / "forged.sig"
    forged.write_text(json.dumps(bundle))
    refused(lambda: verify(forged, model), "a changed payload")
print(f"  model_signing {version('model-signing')}: the model verifies with our key; other weights, a file more and a changed payload are refused")
