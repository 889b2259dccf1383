// One exported claim under Node.js: it holds, under its own trust and under a trust file, and with
// one letter changed in any part it is refused.
//
// node tests/js/bundle.mjs MODULE.wasm BUNDLE.json TRUST.json
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { load } from "../../scripts/verify-bundle.mjs";

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
assert.equal(verify(Buffer.from("{}"), trust).ok, false);
assert.equal(verify(Buffer.from([0xff]), trust).ok, false);

console.log(JSON.stringify(answer));
console.log("a bundle is verified under Node.js, and refused when changed");
