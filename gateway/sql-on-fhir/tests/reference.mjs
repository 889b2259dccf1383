// A second opinion: evaluates expressions with the npm package `fhirpath` and its model of R4.
//
// Reads one JSON line a question, {"resource": {...}, "expression": "..."}, from standard input, and
// writes one line an answer: {"values": [...]} or {"error": true}. FHIRPATH_JS is the folder that
// holds node_modules. Written for tests/reference.rs.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const load = createRequire(join(process.env.FHIRPATH_JS, 'here.js'));
const fhirpath = load('fhirpath');
const model = load('fhirpath/fhir-context/r4');

for await (const line of createInterface({ input: process.stdin })) {
  const { resource, expression } = JSON.parse(line);
  let answer;
  try {
    answer = { values: fhirpath.evaluate(resource, expression, null, model) };
  } catch {
    answer = { error: true };
  }
  console.log(JSON.stringify(answer));
}
