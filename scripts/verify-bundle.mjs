// Verifies an exported claim under Node.js, with the module that `scripts/wasm.sh` builds.
//
// node scripts/verify-bundle.mjs MODULE.wasm BUNDLE.json [TRUST.json]
//
// Prints the answer as one line of JSON; exits with 0 where the bundle holds, 3 where it is refused,
// 2 where the command is wrong. Without a trust file the answer says `anchored: false`.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Loads the module and gives a function from a bundle and a trust file, as bytes, to the answer.
export async function load(modulePath) {
  // The module asks its host for nothing: no imports.
  const { instance } = await WebAssembly.instantiate(readFileSync(modulePath), {});
  const { memory, medveil_alloc, medveil_len, medveil_free, medveil_verify } = instance.exports;

  // Addresses are unsigned. A view is taken anew each time, because the memory may have grown.
  const write = (bytes) => {
    const address = medveil_alloc(bytes.length) >>> 0;
    new Uint8Array(memory.buffer).set(bytes, address);
    return address;
  };
  const read = (address) => {
    const length = medveil_len(address) >>> 0;
    return new TextDecoder().decode(new Uint8Array(memory.buffer, address, length));
  };

  return (bundle, trust = new Uint8Array()) => {
    const given = [write(bundle), write(trust)];
    const answer = medveil_verify(given[0], bundle.length, given[1], trust.length) >>> 0;
    const text = read(answer);
    [...given, answer].forEach((address) => medveil_free(address));
    return JSON.parse(text);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [modulePath, bundlePath, trustPath] = process.argv.slice(2);
  if (!modulePath || !bundlePath) {
    console.error("usage: node scripts/verify-bundle.mjs MODULE.wasm BUNDLE.json [TRUST.json]");
    process.exit(2);
  }
  const verify = await load(modulePath);
  const answer = verify(readFileSync(bundlePath), trustPath && readFileSync(trustPath));
  // The same value in visible characters: nothing of a bundle moves a terminal.
  const escape = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  console.log(JSON.stringify(answer).replace(/[^ -~]/g, escape));
  process.exit(answer.ok ? 0 : 3);
}
