//! What a channel is audited against: what this home was joined to.

use medveil_collections_config::{CollectionsConfig, Consortium, MspId};
use medveil_fabric_wire::Expected;

/// Whose peer holds a block, and the block's bytes.
pub type Source = (MspId, Vec<u8>);

/// What a channel is audited against: what this home was joined to.
pub struct AuditedChannel<'a> {
    /// Hash of the first block's header, in hex.
    pub genesis: &'a str,
    /// Channel, contract and authorities.
    pub expected: Expected<'a>,
    pub consortium: &'a Consortium,
    pub collections: &'a CollectionsConfig,
}
