// Lists the test and bench programs of the workspace, one a line: KIND FOLDER PROGRAM.
//
// Reads the messages of `cargo build --workspace --all-targets --message-format=json` from standard
// input. FOLDER is the package's, in which `cargo test` would start the program.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { reason, profile, target, executable, manifest_path } = JSON.parse(line);
  if (reason === "compiler-artifact" && profile.test && executable) {
    console.log(target.kind[0], dirname(manifest_path), executable);
  }
}
