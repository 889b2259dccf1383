//! A transaction as the chain holds it, checked with no peer at hand: who called what, who endorsed it, what it wrote.
//!
//! Whether the network found it valid is another question: a validation code stands beside the transaction, in the block.

use super::prepared::{Prepared, ReadVersion, WriteSet, creator};
use crate::msp::{Member, MspSet};
use collections_config::MspId;
use fabric_shim_protos::common::{ChannelHeader, Envelope, Payload, SignatureHeader};
use fabric_shim_protos::peer::{ChaincodeHeaderExtension, ChaincodeInvocationSpec, ChaincodeProposalPayload};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which transactions are expected.
pub struct Expected<'a> {
    /// Channel name.
    pub channel: &'a str,
    /// Name of the contract.
    pub chaincode: &'a str,
    /// The authorities of all members.
    pub msps: &'a MspSet,
}

/// A transaction whose signatures hold.
pub struct Recorded {
    /// Transaction id.
    pub tx_id: String,
    /// Who signed it.
    pub creator: Arc<Member>,
    /// When, by the client's clock as the endorsers accepted it.
    ///
    /// **Units**: milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Function name and arguments.
    pub args: Vec<Vec<u8>>,
    /// Organisations whose peers endorsed it.
    pub endorsers: BTreeSet<MspId>,
    /// What it told the world: name and payload.
    pub event: Option<(String, Vec<u8>)>,
    /// What it writes.
    pub writes: WriteSet,
    /// Public keys it read, with the versions seen.
    pub reads: BTreeMap<String, Option<ReadVersion>>,
}

impl Recorded {
    /// Which chaincode an envelope calls, and its transaction id; nothing is checked. None for what calls no chaincode.
    pub fn target(bytes: &[u8]) -> Option<(String, String)> {
        let payload = Payload::decode(Envelope::decode(bytes).ok()?.payload.as_slice()).ok()?;
        let channel = ChannelHeader::decode(payload.header?.channel_header.as_slice()).ok()?;
        let extension = ChaincodeHeaderExtension::decode(channel.extension.as_slice()).ok()?;
        Some((extension.chaincode_id?.name, channel.tx_id))
    }

    /// The organisation that an envelope says it is from; nothing is checked.
    pub fn submitter(bytes: &[u8]) -> Option<MspId> {
        let payload = Payload::decode(Envelope::decode(bytes).ok()?.payload.as_slice()).ok()?;
        let signature = SignatureHeader::decode(payload.header?.signature_header.as_slice()).ok()?;
        creator(&signature.creator).ok().map(|c| c.msp_id)
    }

    /// The function that an envelope says it calls; nothing is checked.
    pub fn function(bytes: &[u8]) -> Option<String> {
        let (chaincode, _) = Self::target(bytes)?;
        let prepared = Prepared::read(&Envelope::decode(bytes).ok()?, &chaincode).ok()?;
        let args = arguments(prepared.proposal_payload()).ok()?;
        args.first().map(|name| String::from_utf8_lossy(name).into_owned())
    }

    /// Reads and checks an envelope.
    ///
    /// **Errors**: what was expected: one byte form, this channel and contract, the client's and every endorser's signature under a member's authority.
    pub fn read(bytes: &[u8], expected: &Expected<'_>) -> Result<Self, &'static str> {
        let envelope = Envelope::decode(bytes).map_err(|_| "an envelope")?;
        if envelope.encode_to_vec() != bytes {
            return Err("its one byte form");
        }
        let prepared = Prepared::read(&envelope, expected.chaincode)?;
        let header = prepared.header();
        let channel = ChannelHeader::decode(header.channel_header.as_slice()).map_err(|_| "a channel header")?;
        let signature = SignatureHeader::decode(header.signature_header.as_slice()).map_err(|_| "a signature header")?;
        let tx_id = hex::encode(Sha256::new().chain_update(&signature.nonce).chain_update(&signature.creator).finalize());
        let extension = ChaincodeHeaderExtension::decode(channel.extension.as_slice()).map_err(|_| "a chaincode header")?;
        let is_ours = extension.chaincode_id.is_some_and(|id| id.name == expected.chaincode);
        if channel.channel_id != expected.channel || !is_ours || channel.tx_id != tx_id {
            return Err("a transaction of this channel and contract");
        }
        let timestamp_ms = milliseconds(&channel).ok_or("a timestamp")?;
        let client =
            expected.msps.check(&creator(&signature.creator)?, timestamp_ms).map_err(|_| "a client whom a member's authority certified")?;
        client.verify(&envelope.payload, &envelope.signature).map_err(|_| "the client's own signature")?;
        let endorsers = prepared.endorsers(expected.msps, timestamp_ms)?.iter().map(|e| e.msp_id().clone()).collect();
        let args = arguments(prepared.proposal_payload())?;
        Ok(Recorded {
            tx_id,
            creator: client,
            timestamp_ms,
            args,
            endorsers,
            event: prepared.event,
            writes: prepared.writes,
            reads: prepared.reads,
        })
    }
}

fn milliseconds(channel: &ChannelHeader) -> Option<u64> {
    let time = channel.timestamp.as_ref()?;
    let whole = u64::try_from(time.seconds).ok()?.checked_mul(1000)?;
    whole.checked_add(u64::try_from(time.nanos).ok()? / 1_000_000)
}

fn arguments(proposal_payload: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let what = "a call's arguments";
    let payload = ChaincodeProposalPayload::decode(proposal_payload).map_err(|_| what)?;
    let spec = ChaincodeInvocationSpec::decode(payload.input.as_slice()).map_err(|_| what)?;
    spec.chaincode_spec.and_then(|s| s.input).map(|i| i.args).ok_or(what)
}
