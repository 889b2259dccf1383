// Makes circuits/vectors/visa.json: visas made and signed from SPEC section 4 alone, with circomlibjs and node's own crypto.
// Run: npm ci && npm run visas. Deterministic. Also an example for issuers who sign with their own tools.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { buildEddsa, buildPoseidon } from "circomlibjs";

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const read = (name) => readFileSync(new URL(`../codes/${name}`, import.meta.url));
const sha256 = (data) => createHash("sha256").update(data).digest();
const little = (buffer) => BigInt("0x" + Buffer.from(buffer).reverse().toString("hex"));
const hex = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");

// F(label, bytes).
const F = (label, text) => {
  const digest = createHash("sha256").update("medveil/v1/").update(label).update(Buffer.from([0])).update(text).digest();
  digest[31] &= 0x1f;
  return little(digest);
};

const poseidon = await buildPoseidon();
const eddsa = await buildEddsa();
const field = poseidon.F;
const big = (x) => BigInt(field.toString(x));
const hash = (tag, inputs) => big(poseidon(inputs.map((x) => field.e(x)), field.e(tag), 1));

// Disease numbers: chapters, categories and .0 to .9 in pre-order, from 1.
const category = (text) => (text.charCodeAt(0) - 65) * 100 + Number(text.slice(1));
const disease = (code) => {
  const [head, digit] = code.split(".");
  let number = 1;
  for (const line of read("icd10-chapters.tsv").toString().trimEnd().split("\n")) {
    const [, first, last] = line.split("\t");
    const [a, b] = [category(first), category(last)];
    if (category(head) >= a && category(head) <= b)
      return number + 1 + (category(head) - a) * 11 + (digit === undefined ? 0 : 1 + Number(digit));
    number += 1 + (b - a + 1) * 11;
  }
};
const permissions = (codes) => {
  const known = read("duo.tsv").toString().trimEnd().split("\n").map((line) => line.split("\t")[0]);
  return codes.reduce((bitmap, code) => bitmap | (1n << BigInt(known.indexOf(code))), 0n);
};

const SLOTS = ["schema", "holder", "revocation_index", "expiry", "asserted", "by", "value", "role", "source", "permissions", "disease",
  "institution", "study", "conditions", "region", "salt"];
const TYPES = { revocation_index: "index", expiry: "day", asserted: "day", by: "code", permissions: "bitmap", disease: "code" };
const NEEDS = { affiliation: ["institution"], ethics: ["study"], terms: ["value"], cohort: ["value"] };
// Keys in alphabetical order: RFC 8785.
const schemaJson = (name) => JSON.stringify({
  anchor: name === "affiliation",
  approval: name === "ethics",
  codes: { disease: sha256(read("icd10-chapters.tsv")).toString("hex"), permissions: sha256(read("duo.tsv")).toString("hex") },
  format: "medveil-visa-schema-2",
  name,
  needs: NEEDS[name],
  slots: SLOTS.map((slot) => ({ name: slot, type: TYPES[slot] ?? "hash" })),
});

const vectors = Object.keys(NEEDS).flatMap((schema, i) => [0, 1].map((form) => {
  const random = (what) => little(sha256(`visa ${schema} ${form} ${what}`)) % R;
  const [secret, blind, seed] = [random("secret"), random("blind"), sha256(`issuer ${schema}`)];
  const texts = { value: `value of ${schema}`, role: "researcher", source: "https://issuer.example", institution: "UniversityMSP", region: "EU", study: "STUDY-7" };
  const diseaseCode = ["E11", "E11.9", "A00", "U99.9"][i];
  const slots = {
    schema: F("visa-schema", schemaJson(schema)),
    holder: hash(1, [secret, blind]),
    revocation_index: random("index") % 2n ** 64n,
    expiry: 21000n,
    asserted: 20700n,
    by: 4n,
    value: F("value", texts.value),
    role: F("role", texts.role),
    source: F("source", texts.source),
    permissions: permissions(["GRU", "HMB"]),
    disease: BigInt(disease(diseaseCode)),
    institution: F("msp", texts.institution),
    study: F("study", texts.study),
    conditions: 0n,
    region: F("region", "EU"),
    salt: random("salt"),
  };
  const message = hash(0, SLOTS.map((slot) => slots[slot]));
  const key = eddsa.prv2pub(seed);
  const made = eddsa.signPoseidon(seed, field.e(message));
  if (!eddsa.verifyPoseidon(field.e(message), made, key)) throw new Error("circomlibjs refuses its own signature");
  const text = form === 0 ? String : hex;
  const list = (names, values) => Object.fromEntries(names.map((name, j) => [name, text(values[j])]));
  const file = {
    format: "medveil-visa-2",
    schema,
    slots: list(SLOTS, SLOTS.map((slot) => slots[slot])),
    key: list(["Ax", "Ay"], key.map(big)),
    signature: list(["R8x", "R8y", "S"], [...made.R8.map(big), made.S]),
    texts,
  };
  return { form: form === 0 ? "decimal" : "hex", schema_json: schemaJson(schema), secret: hex(secret), blind: hex(blind),
    disease: diseaseCode, region: hex(slots.region), hash: hex(message), file };
}));
const version = JSON.parse(readFileSync(new URL("package.json", import.meta.url))).dependencies.circomlibjs;
const lines = vectors.map((vector) => JSON.stringify(vector)).join(",\n");
const out = `{"source": "circomlibjs ${version} and node crypto", "maker": "circuits/tools/make_visa_vectors.mjs", "vectors": [\n${lines}\n]}\n`;
writeFileSync(process.argv[2] ?? new URL("../vectors/visa.json", import.meta.url), out);
process.exit(0);
