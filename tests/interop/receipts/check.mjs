// check.mjs FILE: the credential by @digitalbazaar/vc, and copies of it with one field changed. Offline: the documents are
// those that the packages bring.
import { readFileSync } from "node:fs";
import { contexts } from "@digitalbazaar/credentials-context";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { createVerifyCryptosuite } from "@digitalbazaar/ecdsa-jcs-2019-cryptosuite";
import * as EcdsaMultikey from "@digitalbazaar/ecdsa-multikey";
import * as vc from "@digitalbazaar/vc";

const secured = JSON.parse(readFileSync(process.argv[2], "utf8"));
const issuer = secured.issuer;
const multikey = issuer.slice("did:key:".length);
const method = {
  "@context": "https://w3id.org/security/multikey/v1",
  id: `${issuer}#${multikey}`,
  type: "Multikey",
  controller: issuer,
  publicKeyMultibase: multikey,
};
await EcdsaMultikey.from(method);
const controller = { "@context": ["https://www.w3.org/ns/did/v1"], id: issuer, assertionMethod: [method] };
const documentLoader = async (url) => {
  if (url === method.id) return { documentUrl: url, document: method };
  if (url === issuer) return { documentUrl: url, document: controller };
  if (contexts.has(url)) return { documentUrl: url, document: contexts.get(url) };
  return vc.defaultDocumentLoader(url);
};
const verify = async (credential) => {
  const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });
  return vc.verifyCredential({ credential, suite, documentLoader });
};

const result = await verify(secured);
if (!result.verified) {
  console.error(JSON.stringify(result, (key, value) => (value instanceof Error ? { ...value, message: value.message } : value), 1));
  process.exit(1);
}
const changes = [
  (it) => { it.credentialSubject.model.sha256 = "00"; },
  (it) => { it.credentialSubject.gate.decision = "changed"; },
  (it) => { it.credentialSubject.datasets.push({}); },
  (it) => { it.validFrom = "2020-01-01T00:00:00Z"; },
  (it) => { it.proof.created = "2020-01-01T00:00:00Z"; },
  (it) => { it.proof.proofValue = it.proof.proofValue.replace(/.$/, (c) => (c === "1" ? "2" : "1")); },
];
for (const [number, change] of changes.entries()) {
  const copy = structuredClone(secured);
  change(copy);
  if ((await verify(copy)).verified) {
    console.error(`accepted: change ${number}`);
    process.exit(1);
  }
}
const version = JSON.parse(readFileSync("node_modules/@digitalbazaar/vc/package.json", "utf8")).version;
console.log(`  @digitalbazaar/vc ${version}: the credential verifies; ${changes.length} changed ones are refused`);
