//! A transaction as the chain holds it, checked with no peer at hand: who called what, who endorsed
//! it, what it wrote.
//!
//! Whether the network found it valid is another question: a validation code stands beside the
//! transaction, in the block.

use crate::error::FormError;
use crate::outline::header;
use crate::prepared::{Prepared, ReadSet, creator};
use crate::proto::{
    ChaincodeHeaderExtension, ChaincodeInvocationSpec, ChaincodeProposalPayload, ChannelHeader,
    Envelope, Payload, SignatureHeader,
};
use medveil_collections_config::MspId;
use medveil_collections_config::consortium::MAX_MEMBERS;
use medveil_ledger::WriteSet;
use medveil_msp::{Creator, Member, MspSet};
use prost::Message;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most endorsements of a transaction that somebody hands over: two for each of as many members as
/// there may be. Each costs two signatures and a hash over all that is written.
pub const MAX_ENDORSEMENTS: usize = 2 * MAX_MEMBERS;
// The number stands in a refusal's text, too.
const _: () = assert!(MAX_ENDORSEMENTS == 128);

/// Which transactions are expected.
pub struct Expected<'a> {
    pub channel: &'a str,
    pub chaincode: &'a str,
    /// The authorities of all members.
    pub msps: &'a MspSet,
}

/// A transaction whose signatures hold.
pub struct Recorded {
    pub tx_id: String,
    pub creator: Arc<Member>,
    /// The certificate that it was signed with.
    pub certificate: Creator,
    /// When, by the client's clock as the endorsers accepted it.
    ///
    /// **Units**: milliseconds since 1970.
    pub timestamp_ms: u64,
    pub args: Vec<Vec<u8>>,
    /// Peers whose endorsements hold.
    pub peers: BTreeSet<Creator>,
    /// Their organisations.
    pub endorsers: BTreeSet<MspId>,
    /// The contract's answer.
    pub answer: Vec<u8>,
    /// What it told the world: name and payload.
    pub event: Option<(String, Vec<u8>)>,
    pub writes: WriteSet,
    /// What it read, with the versions seen.
    pub reads: ReadSet,
}

impl Recorded {
    /// Which chaincode an envelope calls, and its transaction id; nothing is checked. None for what
    /// calls no chaincode.
    pub fn target(bytes: &[u8]) -> Option<(String, String)> {
        let (channel, _) = header(bytes).ok()?;
        let extension = ChaincodeHeaderExtension::decode(channel.extension.as_slice()).ok()?;
        Some((extension.chaincode_id?.name, channel.tx_id))
    }

    /// The organisation that an envelope says it is from; nothing is checked.
    pub fn submitter(bytes: &[u8]) -> Option<MspId> {
        let payload = Payload::decode(Envelope::decode(bytes).ok()?.payload.as_slice()).ok()?;
        let signature =
            SignatureHeader::decode(payload.header?.signature_header.as_slice()).ok()?;
        creator(&signature.creator).ok().map(|c| c.msp_id)
    }

    /// The function that an envelope says it calls; nothing is checked.
    pub fn function(bytes: &[u8]) -> Option<String> {
        let (chaincode, _) = Self::target(bytes)?;
        let prepared = Prepared::read(&Envelope::decode(bytes).ok()?, &chaincode).ok()?;
        let args = arguments(prepared.proposal_payload()).ok()?;
        args.first()
            .map(|name| String::from_utf8_lossy(name).into_owned())
    }

    /// Reads and checks an envelope that somebody hands over.
    ///
    /// **Errors**: what was expected: one byte form, no more than [`MAX_ENDORSEMENTS`], and as
    /// [`Recorded::on_chain`].
    pub fn read(bytes: &[u8], expected: &Expected<'_>) -> Result<Self, FormError> {
        let envelope = Envelope::decode(bytes).map_err(|_| FormError("an envelope"))?;
        if envelope.encode_to_vec() != bytes {
            return Err(FormError("its one byte form"));
        }
        Self::check(&envelope, expected, MAX_ENDORSEMENTS)
    }

    /// Reads and checks an envelope as a block holds it. Bytes around the client's payload are
    /// not signed and are passed over, as Fabric does.
    ///
    /// **Errors**: what was expected: this channel and contract, what the contract may do, the
    /// client's signature under a member's authority. Endorsements that do not hold are not
    /// counted.
    pub fn on_chain(bytes: &[u8], expected: &Expected<'_>) -> Result<Self, FormError> {
        Self::check(
            &Envelope::decode(bytes).map_err(|_| FormError("an envelope"))?,
            expected,
            usize::MAX,
        )
    }

    fn check(envelope: &Envelope, expected: &Expected<'_>, most: usize) -> Result<Self, FormError> {
        let prepared = Prepared::read(envelope, expected.chaincode)?;
        if prepared.n_endorsements() > most {
            return Err(FormError("at most 128 endorsements"));
        }
        let header = prepared.header();
        let channel = ChannelHeader::decode(header.channel_header.as_slice())
            .map_err(|_| FormError("a channel header"))?;
        let signature = SignatureHeader::decode(header.signature_header.as_slice())
            .map_err(|_| FormError("a signature header"))?;
        let tx_id = hex::encode(
            Sha256::new()
                .chain_update(&signature.nonce)
                .chain_update(&signature.creator)
                .finalize(),
        );
        let extension = ChaincodeHeaderExtension::decode(channel.extension.as_slice())
            .map_err(|_| FormError("a chaincode header"))?;
        let is_ours = extension
            .chaincode_id
            .is_some_and(|id| id.name == expected.chaincode);
        if channel.channel_id != expected.channel || !is_ours || channel.tx_id != tx_id {
            return Err(FormError("a transaction of this channel and contract"));
        }
        let timestamp_ms = milliseconds(&channel).ok_or(FormError("a timestamp"))?;
        let certificate = creator(&signature.creator)?;
        let client = expected
            .msps
            .check(&certificate, timestamp_ms)
            .map_err(|_| FormError("a client whom a member's authority certified"))?;
        client
            .verify(&envelope.payload, &envelope.signature)
            .map_err(|_| FormError("the client's own signature"))?;
        let peers = prepared.peers(expected.msps, timestamp_ms);
        Ok(Recorded {
            tx_id,
            creator: client,
            certificate,
            timestamp_ms,
            args: arguments(prepared.proposal_payload())?,
            endorsers: peers.iter().map(|peer| peer.msp_id.clone()).collect(),
            peers,
            answer: prepared.answer,
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

fn arguments(proposal_payload: &[u8]) -> Result<Vec<Vec<u8>>, FormError> {
    let what = "a call's arguments";
    let payload =
        ChaincodeProposalPayload::decode(proposal_payload).map_err(|_| FormError(what))?;
    let spec =
        ChaincodeInvocationSpec::decode(payload.input.as_slice()).map_err(|_| FormError(what))?;
    spec.chaincode_spec
        .and_then(|s| s.input)
        .map(|i| i.args)
        .ok_or(FormError(what))
}
