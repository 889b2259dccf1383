//! Fabric's blocks and transactions, and a home's profile of peers.

use crate::fixture::{FOUR, scratch};
use crate::target::{Form, Reading, Target, same_bytes};
use medveil_fabric_client::Profile;
use medveil_fabric_wire::proto::{
    Block, ChaincodeAction, ChaincodeActionPayload, Envelope, Payload, ProposalResponsePayload,
    SignatureHeader, Transaction,
};
use medveil_fabric_wire::testing::{NAME, Net, block};
use medveil_fabric_wire::{Expected, Ordering, Outline, Prepared, Recorded, WholeBlock};
use medveil_msp::Identity;
use medveil_msp::testing::NOW;
use prost::Message;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("fabric_block", Form::Protobuf, fabric_block),
    Target::new("fabric_envelope", Form::Protobuf, fabric_envelope),
    Target::new("profile", Form::Json, profile).with_words(&["medveil-fabric-1", "tls_client"]),
];

/// Who orders the fixture's channel.
static ORDERING: LazyLock<Ordering> = LazyLock::new(|| {
    let net = Net::new();
    let consenters: Vec<Identity> = (0..4).map(|_| net.orderer()).collect();
    let all: Vec<&Identity> = consenters.iter().collect();
    let config = net.configuration(&[&net.ordering], &all);
    let genesis = WholeBlock::read(&block(0, &[], &[(config, 0)], &[])).expect("a block");
    genesis
        .configuration()
        .expect("readable")
        .expect("a configuration")
});

fn fabric_block(input: &[u8]) -> Reading {
    let read = read_block(input);
    let Ok(mut block) = Block::decode(input) else {
        return read;
    };
    // With the hash of its own data, so that what is behind the hash is reached.
    let data = block.data.clone().unwrap_or_default().data;
    let hash = Sha256::digest(data.concat()).to_vec();
    match &mut block.header {
        Some(header) if header.data_hash != hash => header.data_hash = hash,
        _ => return read,
    }
    read_block(&block.encode_to_vec())
}

fn read_block(input: &[u8]) -> Reading {
    let block = match WholeBlock::read(input) {
        Ok(block) => block,
        Err(what) => return Reading::refused(what),
    };
    let _ = (
        block.number(),
        block.previous().len(),
        block.hash(),
        block.verdicts(),
    );
    let _ = block.check_signatures(&ORDERING, NOW);
    for transaction in &block.transactions {
        let _ = read_transaction(transaction);
    }
    let settings = block.settings();
    match block.configuration() {
        Ok(Some(ordering)) => {
            let _ = block.check_signatures(&ordering, 0);
            Reading::of(settings)
        }
        Ok(None) => Reading::of(settings),
        Err(what) => Reading::refused(what),
    }
}

fn expectation() -> Expected<'static> {
    Expected {
        channel: NAME,
        chaincode: NAME,
        msps: &FOUR.msps,
    }
}

fn read_transaction(input: &[u8]) -> Result<(), &'static str> {
    let _ = (
        Outline::read(input),
        Outline::tx_id(input),
        Recorded::target(input),
    );
    let _ = (Recorded::submitter(input), Recorded::function(input));
    let _ = Recorded::on_chain(input, &expectation());
    let recorded = Recorded::read(input, &expectation()).map_err(|_| "a transaction")?;
    let envelope = Envelope::decode(input).map_err(|_| "an envelope")?;
    same_bytes("envelope", input, &envelope.encode_to_vec());
    let prepared = Prepared::read(&envelope, NAME).expect("what is recorded is prepared");
    let _ = (
        prepared.endorsers(&FOUR.msps, recorded.timestamp_ms),
        prepared.header(),
    );
    Ok(())
}

fn fabric_envelope(input: &[u8]) -> Reading {
    let read = read_transaction(input);
    match sign(input) {
        Some(signed) if signed != input => Reading::of(read_transaction(&signed)),
        _ => Reading::of(read),
    }
}

/// The same envelope with the hash of its own proposal, signed by all of the fixture whom it names,
/// so that what is behind hashes and signatures is reached.
pub fn sign(input: &[u8]) -> Option<Vec<u8>> {
    let mut envelope = Envelope::decode(input).ok()?;
    let mut payload = Payload::decode(envelope.payload.as_slice()).ok()?;
    let header = payload.header.clone()?;
    let signature_header = SignatureHeader::decode(header.signature_header.as_slice()).ok()?;
    let client = identity(&signature_header.creator)?;
    let mut transaction = Transaction::decode(payload.data.as_slice()).ok()?;
    let action = transaction.actions.first_mut()?;
    let mut body = ChaincodeActionPayload::decode(action.payload.as_slice()).ok()?;
    let endorsed = body.action.as_mut()?;
    let bytes = endorsed.proposal_response_payload.as_slice();
    let mut response = ProposalResponsePayload::decode(bytes).ok()?;
    if ChaincodeAction::decode(response.extension.as_slice()).is_err() {
        return None;
    }
    response.proposal_hash = Sha256::new()
        .chain_update(&header.channel_header)
        .chain_update(&header.signature_header)
        .chain_update(&body.chaincode_proposal_payload)
        .finalize()
        .to_vec();
    endorsed.proposal_response_payload = response.encode_to_vec();
    for endorsement in &mut endorsed.endorsements {
        if let Some(peer) = identity(&endorsement.endorser) {
            let signed = [
                &endorsed.proposal_response_payload[..],
                &endorsement.endorser,
            ]
            .concat();
            endorsement.signature = peer.sign(&signed).ok()?;
        }
    }
    action.payload = body.encode_to_vec();
    payload.data = transaction.encode_to_vec();
    envelope.payload = payload.encode_to_vec();
    envelope.signature = client.sign(&envelope.payload).ok()?;
    Some(envelope.encode_to_vec())
}

fn identity(creator: &[u8]) -> Option<&'static Identity> {
    let creator = fabric_shim_protos::msp::SerializedIdentity::decode(creator).ok()?;
    let pem = std::str::from_utf8(&creator.id_bytes).ok()?;
    FOUR.identity(medveil_msp::Certificate::from_pem(pem).ok()?.der())
}

fn profile(input: &[u8]) -> Reading {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| scratch("profile").join("fabric.json"));
    std::fs::write(&*PATH, input).expect("a file");
    match Profile::read(&PATH) {
        Ok(profile) => {
            std::fs::write(&*PATH, profile.to_json()).expect("a file");
            let again = Profile::read(&PATH).expect("what was written is read");
            assert_eq!(again, profile, "file and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}
