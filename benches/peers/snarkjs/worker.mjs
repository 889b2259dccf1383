// snarkjs as a worker of `medveil bench peers`: orders on standard input, answers on standard
// output, one JSON object a line (benches/peers/src/protocol.rs). Key and witness are read once.
//
//   node worker.mjs FOLDER

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { groth16, zKey } from "snarkjs";

const folder = process.argv[2];
const inMemory = (name) => ({ type: "mem", data: new Uint8Array(readFileSync(join(folder, name))) });
let key, witness, verifying, last;

async function timed(work) {
  const begun = performance.now();
  const made = await work();
  return [performance.now() - begun, made];
}

const steps = {
  async load() {
    witness = inMemory("witness.wtns");
    const [ms, read] = await timed(async () => inMemory("circuit.zkey"));
    key = read;
    verifying = await zKey.exportVerificationKey(key);
    return { ms };
  },
  async prove() {
    const [ms, made] = await timed(() => groth16.prove(key, witness));
    last = made;
    return { ms, proof: made.proof };
  },
  async verify() {
    const check = () => groth16.verify(verifying, last.publicSignals, last.proof);
    const [ms, holds] = await timed(check);
    if (!holds) throw new Error("the proof does not hold");
    return { ms };
  },
};

async function obey(line) {
  try {
    const order = JSON.parse(line).do;
    if (order === "end") process.exit(0);
    if (!Object.hasOwn(steps, order)) throw new Error(`snarkjs cannot do that: ${order}`);
    return { done: order, ...(await steps[order]()) };
  } catch (error) {
    return { failed: String(error?.message ?? error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await obey(line))}\n`);
}
process.exit(0);
