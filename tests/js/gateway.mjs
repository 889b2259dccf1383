// Calls the MedVeil contract with Fabric's official Node client, as an application that knows nothing of our own client would.
//
//   node gateway.mjs JOIN_FILE
//
// JOIN_FILE is what `medveil net deploy` writes for an organisation. Prints one JSON object.

import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { credentials, Client } from "@grpc/grpc-js";
import { connect, hash, signers } from "@hyperledger/fabric-gateway";

const path = process.argv[2];
const file = JSON.parse(readFileSync(path, "utf8"));
const at = (...parts) => resolve(dirname(path), ...parts);
const only = (dir) => readFileSync(join(dir, readdirSync(dir)[0]));

const tls = credentials.createSsl(readFileSync(at(file.tls_authority)));
const client = new Client(file.peers[0].address, tls, { "grpc.ssl_target_name_override": file.peers[0].tls_name });
const gateway = connect({
  client,
  hash: hash.sha256,
  identity: { mspId: file.msp_id, credentials: only(at(file.client, "signcerts")) },
  signer: signers.newPrivateKeySigner(createPrivateKey(only(at(file.client, "keystore")))),
});
try {
  const contract = gateway.getNetwork(file.channel).getContract(file.chaincode);
  const read = async (name, ...args) => JSON.parse(Buffer.from(await contract.evaluateTransaction(name, ...args)).toString());
  const metadata = await read("org.hyperledger.fabric:GetMetadata");
  const day = await read("GetDay");

  // Transactions take one argument of borsh bytes; this one is the 32 bytes of an X25519 public key.
  const { publicKey } = generateKeyPairSync("x25519");
  const key = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const submitted = await contract.submitAsync("PublishKey", { arguments: [key] });
  const status = await submitted.getStatus();

  // A refusal reaches the application with the contract's own words.
  const refused = await contract.submitTransaction("PublishKey", key.subarray(1)).then(
    () => "accepted",
    (error) => (error.details ?? []).map((detail) => detail.message).join("; "),
  );
  const keys = await read("GetPublishedKey", file.msp_id);
  console.log(JSON.stringify({ metadata, day, key: key.toString("hex"), status, refused, keys }, (_, v) => (typeof v === "bigint" ? Number(v) : v)));
} finally {
  gateway.close();
  client.close();
}
