// One exported claim under Node.js: it holds, under its own trust and under a trust file, and with
// one letter changed in any part it is refused.
//
// node tests/js/bundle.mjs MODULE.wasm BUNDLE.json TRUST.json
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { load, readPlain } from "../../scripts/verify-bundle.mjs";

const [modulePath, bundlePath, trustPath] = process.argv.slice(2);
const verify = await load(modulePath);
const [bundle, trust] = [readFileSync(bundlePath), readFileSync(trustPath)];

const answer = verify(bundle, trust);
assert.equal(answer.ok, true, JSON.stringify(answer));
assert.equal(answer.anchored, true);
assert.equal(verify(bundle).anchored, false);

// Keys keep their order in JSON, so only the letter is another.
for (const part of ["registration", "claim", "trust"]) {
  const file = JSON.parse(bundle);
  const at = file[part].length >> 1;
  const other = file[part][at] === "A" ? "B" : "A";
  file[part] = file[part].slice(0, at) + other + file[part].slice(at + 1);
  const refused = verify(Buffer.from(JSON.stringify(file)), trust);
  assert.equal(refused.ok, false, `${part} was changed and is accepted`);
  assert.equal(typeof refused.error, "string");
}

// The text is the only one of its bundle, under a trust file and without one.
const text = bundle.toString();
const [first] = text.matchAll(/"keys":\["([^"]+)","([^"]+)","([^"]+)"\]/g);
const [keys, ...each] = first;
const others = {
  "a blank": text.replace("{", "{ "),
  "a line end": `${text}\n`,
  "a mark in front": `\ufeff${text}`,
  "a letter by its number": text.replace('"keys"', '"\\u006beys"'),
  "a member twice": text.replace("{", `{${keys},`),
  "a member more": text.replace("{", '{"a":1,'),
  "keys in another order": text.replace(keys, `"keys":${JSON.stringify([...each].reverse())}`),
  "a key twice": text.replace(keys, `"keys":${JSON.stringify([...each, each[2]])}`),
  "a key less": text.replace(keys, `"keys":${JSON.stringify(each.slice(1))}`),
};
for (const [what, other] of Object.entries(others)) {
  assert.notEqual(other, text, what);
  for (const under of [undefined, trust]) {
    assert.equal(verify(Buffer.from(other), under).ok, false, `${what} is accepted`);
  }
}

// Files that never end, never begin, or are too long.
assert.throws(() => readPlain("/dev/zero", 10), /plain file/);
assert.throws(() => readPlain(bundlePath, bundle.length - 1), /at most/);
assert.deepEqual(readPlain(bundlePath, bundle.length), bundle);

assert.equal(verify(Buffer.from("{}"), trust).ok, false);
assert.equal(verify(Buffer.from([0xff]), trust).ok, false);

console.log(JSON.stringify(answer));
console.log("a bundle is verified under Node.js, and refused when changed");
