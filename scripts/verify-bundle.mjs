// Verifies an exported claim under Node.js, with the module that `scripts/wasm.sh` builds.
//
// node scripts/verify-bundle.mjs MODULE.wasm BUNDLE.json [TRUST.json]
//
// Prints the answer as one line of JSON; exits with 0 where the bundle holds, 3 where it is refused,
// 2 where the command is wrong or a file cannot be read. Without a trust file the answer says
// `anchored: false`.
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Largest bundle and trust file: the module refuses longer ones too, but they would be in memory.
const MAX_BUNDLE = 32 << 20;
const MAX_TRUST = 2 << 20;

// The bytes of a plain file of at most `limit` bytes. What is no file is refused without waiting
// for it, and no length is believed: no more than one byte over the limit is read.
export function readPlain(path, limit) {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(file).isFile()) throw new Error(`${path}: expected a plain file`);
    const parts = [];
    let length = 0;
    for (;;) {
      const part = Buffer.alloc(Math.min(1 << 20, limit + 1 - length));
      const n = readSync(file, part);
      if (n === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, n));
      length += n;
      if (length > limit) throw new Error(`${path}: expected at most ${limit} bytes`);
    }
  } finally {
    closeSync(file);
  }
}

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
  // The same value in visible characters: nothing of a bundle moves a terminal.
  const escape = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  let files;
  try {
    files = [readPlain(bundlePath, MAX_BUNDLE), trustPath && readPlain(trustPath, MAX_TRUST)];
  } catch (error) {
    console.error(error.message.replace(/[^ -~]/g, escape));
    process.exit(2);
  }
  const answer = verify(...files);
  console.log(JSON.stringify(answer).replace(/[^ -~]/g, escape));
  process.exit(answer.ok ? 0 : 3);
}
