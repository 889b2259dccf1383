//! What surrounds a transaction, from the signed proposal that the peer passes on.

use crate::identity::Caller;
use crate::ledger::TxContext;
use collections_config::MspId;
use fabric_shim_protos::common::{ChannelHeader, Header, SignatureHeader};
use fabric_shim_protos::peer::{
    ChaincodeHeaderExtension, ChaincodeInput, ChaincodeMessage, ChaincodeProposalPayload, Proposal,
};
use prost::Message;

/// Why a message is not a transaction.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadTransaction {
    #[error("expected {0}")]
    Form(&'static str),
    #[error(transparent)]
    Identity(#[from] crate::identity::IdentityError),
}

fn decode<M: Message + Default>(bytes: &[u8], what: &'static str) -> Result<M, BadTransaction> {
    M::decode(bytes).map_err(|_| BadTransaction::Form(what))
}

/// A transaction as the peer passes it on.
pub(super) struct Asked {
    /// What surrounds it, at this organisation's peer.
    pub(super) context: TxContext,
    /// Who signed it, as Fabric serialises it.
    pub(super) creator: Vec<u8>,
    /// Its arguments.
    pub(super) args: Vec<Vec<u8>>,
}

/// Reads a transaction. The message holds the arguments twice; of each part nothing stays once it
/// is read.
pub(super) fn read(message: ChaincodeMessage, peer_msp: &MspId) -> Result<Asked, BadTransaction> {
    let ChaincodeMessage {
        payload,
        proposal,
        txid,
        channel_id,
        ..
    } = message;
    let input: ChaincodeInput = decode(&payload, "chaincode input")?;
    drop(payload);
    let signed = proposal.ok_or(BadTransaction::Form("a signed proposal"))?;
    let proposal: Proposal = decode(&signed.proposal_bytes, "a proposal")?;
    drop(signed);
    let header: Header = decode(&proposal.header, "a header")?;
    let channel: ChannelHeader = decode(&header.channel_header, "a channel header")?;
    let signature: SignatureHeader = decode(&header.signature_header, "a signature header")?;
    let extension: ChaincodeHeaderExtension = decode(&channel.extension, "a chaincode header")?;
    let payload: ChaincodeProposalPayload = decode(&proposal.payload, "a proposal payload")?;
    if channel.tx_id != txid || channel.channel_id != channel_id {
        return Err(BadTransaction::Form("the proposal of this transaction"));
    }
    let context = TxContext {
        timestamp_ms: milliseconds(&channel)
            .ok_or(BadTransaction::Form("a timestamp after 1970"))?,
        tx_id: channel.tx_id,
        channel: channel.channel_id,
        chaincode: extension.chaincode_id.map(|id| id.name).unwrap_or_default(),
        caller: Caller::from_creator(&signature.creator)?,
        peer_msp: peer_msp.clone(),
        transient: payload.transient_map.into_iter().collect(),
    };
    Ok(Asked {
        context,
        creator: signature.creator,
        args: input.args,
    })
}

fn milliseconds(channel: &ChannelHeader) -> Option<u64> {
    let time = channel.timestamp.as_ref()?;
    let whole = u64::try_from(time.seconds).ok()?.checked_mul(1000)?;
    whole.checked_add(u64::try_from(time.nanos).ok()? / 1_000_000)
}
