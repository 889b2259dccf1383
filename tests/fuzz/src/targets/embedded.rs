//! The embedded ledger: envelopes, blocks, its genesis, its chain file.

use crate::fixture::{FOUR, scratch};
use crate::target::{Form, Reading, Target, parts, same_bytes};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::CollectionsConfig;
use medveil_embedded::{Chain, ChainError};
use medveil_embedded_wire::format::decode;
use medveil_embedded_wire::{
    Block, Endorsement, Envelope, Genesis, Head, PrivateWrite, Rules, ValidationCode,
};
use medveil_msp::testing::{consortium, groups};
use medveil_msp::{Creator, MspSet};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("embedded_envelope", Form::Borsh, envelope),
    Target::new("embedded_block", Form::Borsh, block),
    Target::new("genesis", Form::Borsh, genesis),
    Target::new("chain_file", Form::Borsh, chain_file),
    Target::new("chain_frames", Form::Borsh, chain_frames),
];

/// The rules of the fixture's channel.
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let roots = FOUR.msps.iter().cloned().collect::<Vec<_>>();
    let msps = MspSet::new(roots).expect("each organisation once");
    let collections: CollectionsConfig = groups(&consortium());
    Rules {
        channel: "medveil".to_owned(),
        chaincode: "medveil".to_owned(),
        endorsement: Rules::majority(&msps),
        msps,
        collections,
    }
});

fn envelope(input: &[u8]) -> Reading {
    let envelope = match Envelope::from_bytes(input) {
        Ok(envelope) => envelope,
        Err(error) => return Reading::refused(error),
    };
    same_bytes("envelope", input, &envelope.to_bytes());
    let _ = RULES.screen(input);
    // Signed again by those whom it names, so that the rules behind the signatures are reached.
    let signed = sign(envelope);
    match RULES.screen(&signed.to_bytes()) {
        Ok(screened) => {
            assert!(
                screened.envelope == signed,
                "what was screened is what came"
            );
            Reading::Read
        }
        Err(rejected) => Reading::refused(rejected.code),
    }
}

/// The same envelope, signed by all of the fixture whom it names.
pub fn sign(mut envelope: Envelope) -> Envelope {
    let sign = |who: &Creator, message: &[u8]| {
        let identity = FOUR.identity(&who.certificate)?;
        identity.sign(message).ok()
    };
    envelope.action.proposal = envelope.proposal.digest();
    for Endorsement {
        endorser,
        signature,
    } in &mut envelope.endorsements
    {
        if let Some(made) = sign(endorser, &envelope.action.message(endorser)) {
            *signature = made;
        }
    }
    let message = Envelope::message(&envelope.proposal, &envelope.action, &envelope.endorsements);
    if let Some(made) = sign(&envelope.proposal.creator, &message) {
        envelope.signature = made;
    }
    envelope
}

fn whole<T: BorshSerialize + BorshDeserialize>(input: &[u8]) -> Option<T> {
    let value: T = decode(input, "").ok()?;
    same_bytes("borsh", input, &borsh::to_vec(&value).unwrap_or_default());
    Some(value)
}

/// What peers keep or pass on, one of several types.
fn block(input: &[u8]) -> Reading {
    if whole::<Head>(input).is_some()
        || whole::<Vec<PrivateWrite>>(input).is_some()
        || whole::<Vec<ValidationCode>>(input).is_some()
    {
        return Reading::Read;
    }
    let Some(block) = whole::<Block>(input) else {
        return Reading::refused("no block, head, private write or verdict");
    };
    let _ = (block.header.hash(), Block::data_hash(&block.envelopes));
    let verdicts: Vec<_> = block.envelopes.iter().map(|e| RULES.screen(e)).collect();
    match verdicts.into_iter().find_map(Result::err) {
        Some(rejected) => Reading::refused(rejected.code),
        None => Reading::Read,
    }
}

fn genesis(input: &[u8]) -> Reading {
    match Genesis::from_bytes(input) {
        Ok(genesis) => {
            same_bytes("genesis", input, &genesis.to_bytes());
            Reading::of(genesis.rules())
        }
        Err(error) => Reading::refused(error),
    }
}

/// The bytes of the file.
fn chain_file(input: &[u8]) -> Reading {
    static PATH: LazyLock<PathBuf> = LazyLock::new(|| scratch("chain").join("chain"));
    std::fs::write(&*PATH, input).expect("a file");
    Reading::of(walk(&PATH))
}

fn walk(path: &std::path::Path) -> Result<(), ChainError> {
    let mut chain = Chain::open(path)?;
    let (height, last) = (chain.height(), chain.last_hash());
    if chain.cut_torn_tail()? {
        let again = Chain::open(path)?;
        assert!(!again.has_torn_tail(), "a cut chain is whole");
        assert_eq!(
            (again.height(), again.last_hash()),
            (height, last),
            "and holds the same"
        );
    }
    (0..height).try_for_each(|number| chain.block(number).map(|_| ()))
}

/// Genesis and up to three blocks, each of a length: they get frames with right checksums, and the
/// blocks right numbers and data hashes where they are blocks.
fn chain_frames(input: &[u8]) -> Reading {
    let [genesis, one, two, three] = parts(input);
    let mut file = b"medveil-chain-1\n".to_vec();
    let mut frame = |content: &[u8]| {
        file.extend((content.len() as u64).to_le_bytes());
        file.extend(Sha256::digest(content));
        file.extend_from_slice(content);
    };
    frame(genesis);
    for (number, bytes) in (0..).zip([one, two, three]) {
        match decode::<Block>(bytes, "") {
            Ok(block) => frame(
                &borsh::to_vec(&Block::new(number, [0; 32], block.envelopes)).unwrap_or_default(),
            ),
            Err(_) => frame(bytes),
        }
    }
    chain_file(&file)
}
