//! Options of the contract's program.

use crate::chaincode::Chaincode;
use clap::Args;
use medveil_circuits::field::Digest;
use medveil_collections_config::{CollectionsConfig, MspId};
use medveil_contract::{Contract, ContractConfig};
use medveil_shim::program::{self, ProgramError};
use std::path::PathBuf;

/// What the contract is started with; how it is served stands in
/// [`medveil_shim::program::ServiceOptions`].
///
/// A program flattens the two side by side: clap takes an optional group of options for absent
/// where it holds another group.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The organisation that runs this process.
    #[arg(long, env = "MEDVEIL_MSP_ID", value_name = "MSP")]
    pub msp_id: String,
    /// SHA-256 of the consortium file; any other consortium is refused.
    #[arg(long, env = "MEDVEIL_CONSORTIUM_DIGEST", value_name = "HEX")]
    pub consortium_digest: String,
    /// The collections file, as the chaincode was approved with.
    #[arg(long, env = "MEDVEIL_COLLECTIONS", value_name = "FILE")]
    pub collections: PathBuf,
    /// The name of the chaincode on its channel.
    #[arg(
        long,
        env = "MEDVEIL_CHAINCODE_NAME",
        default_value = "medveil",
        value_name = "NAME"
    )]
    pub chaincode_name: String,
    /// Accept keys of a single-party set-up. For evaluation only: whoever made them can forge
    /// proofs.
    #[arg(long, env = "MEDVEIL_ALLOW_INSECURE_DEV_KEYS")]
    pub allow_insecure_dev_keys: bool,
}

impl Options {
    /// The contract of these options.
    ///
    /// **Errors**: an option that cannot be used, or a collections file that cannot be read.
    pub fn chaincode(&self) -> Result<Chaincode, ProgramError> {
        let config = ContractConfig {
            msp_id: MspId::new(&*self.msp_id).map_err(|e| ProgramError::option("--msp-id", e))?,
            consortium_digest: Digest::from_hex(&self.consortium_digest)
                .map_err(|e| ProgramError::option("--consortium-digest", e))?,
            collections: self.collections()?,
            allow_insecure_dev_keys: self.allow_insecure_dev_keys,
            chaincode_name: self.chaincode_name.clone(),
        };
        let contract = Contract::new(config);
        contract
            .map(Chaincode)
            .map_err(|e| ProgramError::option("--chaincode-name", e))
    }

    fn collections(&self) -> Result<CollectionsConfig, ProgramError> {
        let option = "--collections";
        let bytes = program::file(&self.collections)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| ProgramError::option(option, e))?;
        CollectionsConfig::from_json(text).map_err(|e| ProgramError::option(option, e))
    }
}
