//! What one organisation's contract is started with.

use medveil_circuits::field::Digest;
use medveil_collections_config::{CollectionsConfig, MspId};

/// What one organisation's contract process is started with.
#[derive(Clone)]
pub struct ContractConfig {
    /// The organisation that runs the process.
    pub msp_id: MspId,
    /// SHA-256 of the Bootstrap bytes it accepts; any other consortium is refused.
    pub consortium_digest: Digest,
    /// The private data collections.
    pub collections: CollectionsConfig,
    /// Accepts keys of a single-party set-up. For evaluation only.
    pub allow_insecure_dev_keys: bool,
    /// The name the chaincode is installed under.
    pub chaincode_name: String,
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The chaincode name is not one that Fabric accepts.
    #[error("chaincode name: expected 1 to 64 letters, digits, hyphens and underscores")]
    ChaincodeName,
}

impl ContractConfig {
    /// **Errors**: a chaincode name that is not one.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let name = self.chaincode_name.as_bytes();
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if (1..=64).contains(&name.len()) && name.iter().all(plain) {
            Ok(())
        } else {
            Err(ConfigError::ChaincodeName)
        }
    }
}
