//! What surrounds a transaction, from the signed proposal that the peer passes on.

use crate::limits::MAX_ARGUMENTS;
use fabric_shim_protos::common::{ChannelHeader, Header, SignatureHeader};
use fabric_shim_protos::msp::SerializedIdentity;
use fabric_shim_protos::peer::{
    ChaincodeHeaderExtension, ChaincodeInput, ChaincodeMessage, ChaincodeProposalPayload, Proposal,
};
use prost::{Message, decode_length_delimiter};
use std::collections::BTreeMap;

/// What surrounds a transaction. Equal at every peer that executes it.
#[derive(Clone)]
pub struct Transaction {
    pub id: String,
    pub channel: String,
    /// Name the chaincode is installed under.
    pub chaincode: String,
    /// The transaction's own timestamp, which its client chose.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    pub timestamp_ms: u64,
    /// Who signed the proposal, as Fabric serialises it; [`Creator`] reads it.
    pub creator: Vec<u8>,
    /// Private arguments; not part of the transaction that is ordered.
    pub transient: BTreeMap<String, Vec<u8>>,
}

/// Who signed a proposal. The peer has checked the chain of the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creator {
    pub msp_id: String,
    /// In PEM form.
    pub certificate: Vec<u8>,
}

impl Creator {
    /// Reads Fabric's `SerializedIdentity`; none where the bytes are no such message.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let identity = SerializedIdentity::decode(bytes).ok()?;
        Some(Creator {
            msp_id: identity.mspid,
            certificate: identity.id_bytes,
        })
    }
}

/// Why a message is not a transaction.
#[derive(Debug, thiserror::Error)]
#[error("expected {0}")]
pub(crate) struct NoTransaction(&'static str);

fn decode<M: Message + Default>(bytes: &[u8], what: &'static str) -> Result<M, NoTransaction> {
    M::decode(bytes).map_err(|_| NoTransaction(what))
}

/// A transaction and its arguments.
pub(crate) struct Call {
    pub(crate) transaction: Transaction,
    pub(crate) args: Vec<Vec<u8>>,
}

/// Reads a transaction. The message holds the arguments twice; of each part nothing stays once it
/// is read.
pub(crate) fn read(message: ChaincodeMessage) -> Result<Call, NoTransaction> {
    let ChaincodeMessage {
        payload,
        proposal,
        txid,
        channel_id,
        ..
    } = message;
    few_fields(&payload)?;
    let input: ChaincodeInput = decode(&payload, "chaincode input")?;
    drop(payload);
    let signed = proposal.ok_or(NoTransaction("a signed proposal"))?;
    let proposal: Proposal = decode(&signed.proposal_bytes, "a proposal")?;
    drop(signed);
    let header: Header = decode(&proposal.header, "a header")?;
    let channel: ChannelHeader = decode(&header.channel_header, "a channel header")?;
    let signature: SignatureHeader = decode(&header.signature_header, "a signature header")?;
    let extension: ChaincodeHeaderExtension = decode(&channel.extension, "a chaincode header")?;
    few_fields(&proposal.payload)?;
    let payload: ChaincodeProposalPayload = decode(&proposal.payload, "a proposal payload")?;
    if channel.tx_id != txid || channel.channel_id != channel_id {
        return Err(NoTransaction("the proposal of this transaction"));
    }
    let timestamp_ms = milliseconds(&channel).ok_or(NoTransaction("a timestamp after 1970"))?;
    Ok(Call {
        transaction: Transaction {
            id: channel.tx_id,
            channel: channel.channel_id,
            chaincode: extension.chaincode_id.map(|id| id.name).unwrap_or_default(),
            timestamp_ms,
            creator: signature.creator,
            transient: payload.transient_map.into_iter().collect(),
        },
        args: input.args,
    })
}

/// Refuses a message of more fields than a call may have, before anything of them is taken.
fn few_fields(message: &[u8]) -> Result<(), NoTransaction> {
    let (mut rest, mut n) = (message, 0);
    while !rest.is_empty() && n < MAX_ARGUMENTS {
        rest = after_field(rest).ok_or(NoTransaction("a message"))?;
        n += 1;
    }
    match rest.is_empty() {
        true => Ok(()),
        false => Err(NoTransaction("few arguments and transient values")),
    }
}

/// What follows the first field: a key, whose last three bits say of what form the value is.
fn after_field(mut message: &[u8]) -> Option<&[u8]> {
    let key = decode_length_delimiter(&mut message).ok()?;
    let length = match key & 7 {
        0 => decode_length_delimiter(&mut message).map(|_| 0).ok()?,
        1 => 8,
        2 => decode_length_delimiter(&mut message).ok()?,
        5 => 4,
        _ => return None,
    };
    message.get(length..)
}

fn milliseconds(channel: &ChannelHeader) -> Option<u64> {
    let time = channel.timestamp.as_ref()?;
    let whole = u64::try_from(time.seconds).ok()?.checked_mul(1000)?;
    whole.checked_add(u64::try_from(time.nanos).ok()? / 1_000_000)
}

#[cfg(test)]
mod tests;
