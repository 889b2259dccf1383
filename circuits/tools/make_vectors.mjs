// Makes the test vectors of the primitives with independent implementations: circomlibjs, @zk-kit and node's own crypto.
// Run: npm ci && npm run vectors. Deterministic: the same files come out every time.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { buildBabyjub, buildEddsa, buildPoseidon } from "circomlibjs";
import { addPoint, Base8, inCurve, mulPointEscalar } from "@zk-kit/baby-jubjub";

// Its ES module build does not load in node; the CommonJS one does.
const { derivePublicKey, signMessage } = createRequire(import.meta.url)("@zk-kit/eddsa-poseidon");

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const L = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;
const out = process.argv[2] ?? "../vectors";
const versions = JSON.parse(readFileSync(new URL("package.json", import.meta.url))).dependencies;
const named = (name) => `${name} ${versions[name]}`;

// 32 little-endian bytes in hex: the project's own text form of a number.
const hex = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");
const bytes = (...parts) => createHash("sha256").update(parts.join("/")).digest();
const number = (...parts) => BigInt("0x" + bytes("medveil vectors", ...parts).toString("hex"));
const field = (...parts) => number(...parts) % R;
// Every tenth input is one of the edges.
const EDGES = [0n, 1n, R - 1n, 2n ** 253n, R / 2n];
const input = (...parts) => (number("edge", ...parts) % 10n === 0n ? EDGES[Number(number("which", ...parts) % 5n)] : field(...parts));

const poseidon = await buildPoseidon();
const babyjub = await buildBabyjub();
const eddsa = await buildEddsa();
const F = poseidon.F;
const big = (element) => BigInt(F.toString(element));
const hash = (tag, inputs) => big(poseidon(inputs.map((x) => F.e(x)), F.e(tag), 1));
const point = (p) => ({ x: hex(big(p[0])), y: hex(big(p[1])) });
const pair = (p) => ({ x: hex(p[0]), y: hex(p[1]) });

function write(name, source, vectors) {
  const lines = vectors.map((vector) => JSON.stringify(vector)).join(",\n");
  writeFileSync(`${out}/${name}.json`, `{"source": ${JSON.stringify(source)}, "maker": "circuits/tools/make_vectors.mjs", "vectors": [\n${lines}\n]}\n`);
  console.log(`${name}: ${vectors.length}`);
}

const range = (n) => [...Array(n).keys()];
mkdirSync(out, { recursive: true });

// Poseidon at every width: tag 0 and others.
write("poseidon", named("circomlibjs"), range(16).flatMap((w) =>
  range(30).map((i) => {
    const inputs = range(w + 1).map((j) => input("poseidon", w, i, j));
    const tag = i < 20 ? 0 : Number(number("tag", w, i) % 1100n);
    return { tag, inputs: inputs.map(hex), output: hex(hash(tag, inputs)) };
  })));

// Folds and keystreams as SPEC section 2 puts them together from the permutation.
const fold = (tag, elements) => {
  let acc = hash(tag, elements.slice(0, 16));
  for (let i = 16; i < elements.length; i += 15) acc = hash(tag, [acc, ...elements.slice(i, i + 15)]);
  return acc;
};
write("fold", named("circomlibjs"), [1, 2, 15, 16, 17, 26, 27, 31, 32, 46, 47, 61, 62, 100].map((n) => {
  const elements = range(n).map((j) => field("fold", n, j));
  return { tag: 17, elements: elements.map(hex), output: hex(fold(17, elements)) };
}));
write("keystream", named("circomlibjs"), range(25).map((i) => {
  const inputs = range(1 + (i % 4)).map((j) => input("keystream", i, j));
  const lanes = [...inputs, ...range(16 - inputs.length).map(() => 0n)].map((x) => F.e(x));
  const lane = poseidon(lanes, F.e(27), 17);
  return { tag: 27, inputs: inputs.map(hex), outputs: lane.slice(1).map((x) => hex(big(x))) };
}));

// Trees of arity 16, empty leaves 0.
const root = (kind, depth, leaves) => {
  let level = leaves.slice();
  let empty = 0n;
  for (let l = 0; l < depth; l++) {
    const next = range(Math.ceil(level.length / 16)).map((i) =>
      hash(256 * kind + l, range(16).map((j) => level[16 * i + j] ?? empty)));
    empty = hash(256 * kind + l, range(16).map(() => empty));
    level = next.length ? next : [empty];
  }
  return level[0];
};
write("merkle", named("circomlibjs"), range(40).map((i) => {
  const [kind, depth] = [1 + (i % 4), 1 + (i % 5)];
  const n = depth === 1 ? i % 17 : i;
  const leaves = range(n).map((j) => field("merkle", i, j));
  return { kind, depth, leaves: leaves.map(hex), root: hex(root(kind, depth, leaves)) };
}));
// Indexed trees: the leaves (value, next) of sorted values, slots in order of insertion.
write("indexed", named("circomlibjs"), range(20).map((i) => {
  const values = range(i).map((j) => 1n + number("indexed", i, j) % (2n ** 64n - 1n));
  const sorted = [0n, ...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const next = (v) => sorted[sorted.indexOf(v) + 1] ?? 0n;
  const leaves = [0n, ...values].map((v) => hash(10, [v, next(v)]));
  return { depth: 5, values: values.map(String), root: hex(root(2, 5, leaves)) };
}));

// BabyJubjub: sums and multiples, by both libraries.
const some = (...parts) => mulPointEscalar(Base8, number("point", ...parts) % L);
const ORDER_TWO = [0n, R - 1n];
write("babyjubjub", `${named("circomlibjs")} and ${named("@zk-kit/baby-jubjub")}`, range(140).map((i) => {
  const a = i % 10 === 0 ? [0n, 1n] : i % 10 === 1 ? addPoint(some("a", i), ORDER_TWO) : some("a", i);
  const b = i % 7 === 0 ? a : some("b", i);
  const scalar = i < 4 ? [0n, 1n, L - 1n, 2n][i] : number("scalar", i) % L;
  if (!inCurve(a) || !inCurve(b)) throw new Error("off the curve");
  const toJs = (p) => [F.e(p[0]), F.e(p[1])];
  const sum = babyjub.addPoint(toJs(a), toJs(b));
  const product = babyjub.mulPointEscalar(toJs(a), scalar);
  const [sum2, product2] = [addPoint(a, b), mulPointEscalar(a, scalar)];
  if (point(sum).x !== pair(sum2).x || point(product).y !== pair(product2).y) throw new Error("libraries differ");
  return { a: pair(a), b: pair(b), sum: point(sum), scalar: hex(scalar), product: point(product), in_subgroup: babyjub.inSubgroup(toJs(a)) };
}));

// EdDSA-Poseidon signatures by both libraries, good and spoilt; `valid` is circomlibjs' own verdict.
const judged = (message, key, r8, s) =>
  eddsa.verifyPoseidon(F.e(message), { R8: [F.e(r8[0]), F.e(r8[1])], S: s }, [F.e(key[0]), F.e(key[1])]);
const signature = (by, message, key, r8, s) =>
  ({ by, message: hex(message), key: pair(key), r8: pair(r8), s: hex(s), valid: judged(message, key, r8, s) });
const plain = (p) => [big(p[0]), big(p[1])];
write("eddsa", `${named("circomlibjs")} and ${named("@zk-kit/eddsa-poseidon")}`, range(120).flatMap((i) => {
  const [seed, message] = [bytes("seed", i), input("message", i)];
  const key = plain(eddsa.prv2pub(seed));
  const made = eddsa.signPoseidon(seed, F.e(message));
  const [r8, s] = [plain(made.R8), made.S];
  const good = signature("circomlibjs", message, key, r8, s);
  const spoilt = [
    () => signature("spoilt message", (message + 1n) % R, key, r8, s),
    () => signature("spoilt s", message, key, r8, (s + 1n) % L),
    () => signature("s plus order", message, key, r8, s + L),
    () => signature("other key", message, some("other", i), r8, s),
    () => signature("r8 in another coset", message, key, addPoint(r8, ORDER_TWO), s),
    () => signature("r8 off the curve", message, key, [r8[0], (r8[1] + 1n) % R], s),
  ][i % 6]();
  return [good, spoilt];
}).concat(range(60).map((i) => {
  const seed = bytes("zk-kit seed", i);
  const message = field("zk-kit message", i);
  const made = signMessage(seed, message);
  return signature("@zk-kit", message, derivePublicKey(seed).map(BigInt), made.R8.map(BigInt), BigInt(made.S));
})));

// F(label, bytes) with node's SHA-256.
const LABELS = ["consortium", "chaincode", "msp", "region", "study", "value", "visa-schema", "group", "lineage", "request-body", "circuit", "generator"];
const toField = (label, data) => {
  const digest = createHash("sha256").update("medveil/v1/").update(label).update(Buffer.from([0])).update(data).digest();
  digest[31] &= 0x1f;
  return digest;
};
write("bytes_to_field", `node ${process.versions.node.split(".")[0]} crypto`, LABELS.flatMap((label, i) =>
  range(8).map((j) => {
    const data = Buffer.concat(range(j).map((k) => bytes("data", i, j, k))).subarray(0, j * 23);
    return { label, bytes: data.toString("hex"), output: toField(label, data).toString("hex") };
  })));

// Generators (SPEC section 13) and Pedersen commitments over them.
const A = 168700n, D = 168696n;
const power = (b, e) => { let r = 1n; for (b %= R; e > 0n; e >>= 1n, b = (b * b) % R) if (e & 1n) r = (r * b) % R; return r; };
const little = (buffer) => BigInt("0x" + Buffer.from(buffer).reverse().toString("hex"));
const generator = (name) => {
  for (let counter = 0; ; counter++) {
    const y = little(toField("generator", Buffer.concat([Buffer.from(name), Buffer.from([counter])])));
    const square = (((1n - y * y) % R + R) * power(((A - D * y * y) % R + R) % R, R - 2n)) % R;
    if (square === 0n || power(square, (R - 1n) / 2n) !== 1n) continue;
    const x = BigInt(F.toString(F.sqrt(F.e(square))));
    const p = mulPointEscalar([x % 2n === 0n ? x : R - x, y], 8n);
    if (p[0] !== 0n) return p;
  }
};
const lanes = range(8).map((i) => generator(`medveil/v1/lane/${i}`));
const blind = generator("medveil/v1/lane/blind");
write("generators", `${named("@zk-kit/baby-jubjub")} and node crypto`, [...lanes, blind].map((p, i) =>
  ({ name: i < 8 ? `medveil/v1/lane/${i}` : "medveil/v1/lane/blind", point: pair(p) })));
write("pedersen", named("@zk-kit/baby-jubjub"), range(25).map((i) => {
  const values = range(1 + (i % 8)).map((j) => number("lane", i, j) % 2n ** 32n);
  const rho = number("rho", i) % L;
  const sum = values.reduce((acc, v, j) => addPoint(acc, mulPointEscalar(lanes[j], v)), mulPointEscalar(blind, rho));
  return { lanes: values.map(String), rho: hex(rho), point: pair(sum) };
}));
process.exit(0);
