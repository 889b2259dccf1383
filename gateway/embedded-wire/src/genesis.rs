//! The genesis of a channel: what block 0 stands on. Its hash is the chain's anchor and stands in
//! every kept head.

use crate::format::{FormatError, decode, encode};
use crate::rules::Rules;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::{CollectionsConfig, Consortium, Problems};
use medveil_msp::{Msp, MspError, MspSet};

const FORMAT: &str = "medveil-embedded-1";

/// Why a genesis is refused.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    #[error("genesis")]
    Format(#[from] FormatError),
    #[error("genesis: consortium")]
    Consortium(#[source] Problems),
    #[error("genesis: collections")]
    Collections(#[source] Problems),
    #[error("genesis: authorities")]
    Msp(#[from] MspError),
    /// The organisations are not the consortium's members.
    #[error("genesis: expected one authority for each member of the consortium and none besides")]
    Members,
}

/// The channel's configuration.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Genesis {
    format: String,
    pub channel: String,
    /// Name of the one chaincode.
    pub chaincode: String,
    /// The canonical consortium file.
    pub consortium: Vec<u8>,
    /// The canonical collections file.
    pub collections: Vec<u8>,
    /// Every organisation's authority, sorted by MSP id.
    pub msps: Vec<Msp>,
}

impl Genesis {
    /// The genesis of a consortium's channel.
    pub fn new(
        channel: &str,
        chaincode: &str,
        consortium: &Consortium,
        collections: &CollectionsConfig,
        mut msps: Vec<Msp>,
    ) -> Self {
        msps.sort_by(|a, b| a.msp_id().cmp(b.msp_id()));
        Genesis {
            format: FORMAT.to_string(),
            channel: channel.to_string(),
            chaincode: chaincode.to_string(),
            consortium: consortium.to_canonical(),
            collections: collections.to_canonical(),
            msps,
        }
    }

    /// The bytes that open the chain.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads the bytes that open a chain.
    ///
    /// **Errors**: not of this form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GenesisError> {
        let genesis: Genesis = decode(bytes, "the genesis of a chain")?;
        if genesis.format != FORMAT {
            return Err(FormatError("a genesis of format medveil-embedded-1").into());
        }
        Ok(genesis)
    }

    /// Reads the consortium file.
    ///
    /// **Errors**: the file is not valid.
    pub fn consortium(&self) -> Result<Consortium, GenesisError> {
        Consortium::from_canonical(&self.consortium).map_err(GenesisError::Consortium)
    }

    /// Reads the collections file.
    ///
    /// **Errors**: the file is not valid.
    pub fn collections(&self) -> Result<CollectionsConfig, GenesisError> {
        let text = std::str::from_utf8(&self.collections)
            .map_err(|_| FormatError("collections in utf-8"))?;
        CollectionsConfig::from_json(text).map_err(GenesisError::Collections)
    }

    /// The rules that blocks are judged by.
    ///
    /// **Errors**: a part is not valid, or the organisations are not the consortium's members.
    pub fn rules(&self) -> Result<Rules, GenesisError> {
        let consortium = self.consortium()?;
        let collections = self.collections()?;
        let known = collections.check_members(&consortium);
        known.map_err(GenesisError::Collections)?;
        let msps = MspSet::new(self.msps.iter().cloned())?;
        let members = consortium.members();
        let is_same =
            members.len() == self.msps.len() && members.iter().all(|m| msps.contains(&m.msp_id));
        if !is_same {
            return Err(GenesisError::Members);
        }
        let endorsement = Rules::majority(&msps);
        Ok(Rules {
            channel: self.channel.clone(),
            chaincode: self.chaincode.clone(),
            msps,
            endorsement,
            collections,
        })
    }
}
