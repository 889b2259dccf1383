//! Real Hyperledger Fabric networks on one machine: topology, certificates, processes, chaincode deployment.
//!
//! This crate will be the only one that spawns processes. Nothing of it exists yet: today MedVeil runs on the embedded ledger of `gateway`, and
//! the README says so. The crate holds its place in the workspace so that the import rules already cover it.
