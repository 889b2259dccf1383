//! The embedded ledger: a transaction of the four organisations, in all the forms that it takes.

use super::Corpus;
use medveil_collections_config::CollectionName;
use medveil_embedded::{Chain, NoFaults};
use medveil_embedded_wire::{
    Action, Block, CollectionSet, Endorsement, Envelope, Event, Genesis, HashedRead, HashedWrite,
    Head, PrivateWrite, Proposal, Read, ReadWriteSet, ValidationCode, Version, Write,
};
use medveil_fuzz::fixture::{FOUR, sign_embedded};
use medveil_fuzz::join_parts;
use medveil_msp::testing::{NOW, consortium, groups};

pub fn put(corpus: &mut Corpus) {
    let envelope = envelope();
    corpus.put("embedded_envelope", "endorsed", envelope.to_bytes());
    let genesis = genesis();
    corpus.put("genesis", "four", genesis.to_bytes());
    let hash = medveil_embedded_wire::format::sha256(&genesis.to_bytes());
    let first = Block::new(0, hash, vec![envelope.to_bytes()]);
    let second = Block::new(1, first.header.hash(), vec![]);
    let bytes = |block: &Block| borsh::to_vec(block).expect("bytes");
    corpus.put("embedded_block", "block", bytes(&first));
    corpus.put("embedded_block", "empty", bytes(&second));
    others(corpus, &first);
    corpus.put(
        "chain_file",
        "two",
        chain_file(&genesis, &[&first, &second]),
    );
    let blocks = [
        genesis.to_bytes(),
        bytes(&first),
        bytes(&second),
        bytes(&second),
    ];
    corpus.put(
        "chain_frames",
        "three",
        join_parts(&blocks.each_ref().map(Vec::as_slice)),
    );
}

fn envelope() -> Envelope {
    let orgs = &FOUR.founded;
    let version = Some(Version { block: 0, tx: 1 });
    let set = ReadWriteSet {
        reads: vec![Read {
            key: "a".to_owned(),
            version,
        }],
        writes: vec![Write {
            key: "b".to_owned(),
            value: b"value".to_vec(),
        }],
        collections: vec![CollectionSet {
            collection: CollectionName::explicit("hospitals").expect("a name"),
            reads: vec![HashedRead {
                key: [1; 32],
                version: None,
            }],
            writes: vec![HashedWrite {
                key: [2; 32],
                value: [3; 32],
            }],
        }],
    };
    let proposal = Proposal {
        channel: "medveil".to_owned(),
        chaincode: "medveil".to_owned(),
        args: vec![b"put".to_vec(), b"b".to_vec(), b"value".to_vec()],
        transient: true,
        creator: orgs[1].client.creator().clone(),
        timestamp_ms: NOW,
        nonce: [7; 24],
    };
    let event = Some(Event {
        name: "put".to_owned(),
        payload: b"b".to_vec(),
    });
    let action = Action {
        proposal: proposal.digest(),
        set,
        event,
        payload: b"{}".to_vec(),
    };
    let endorsement = |peer: &medveil_msp::Identity| Endorsement {
        endorser: peer.creator().clone(),
        signature: Vec::new(),
    };
    let mut endorsements: Vec<_> = orgs.iter().map(|o| endorsement(&o.peer)).collect();
    endorsements.sort_by(|a, b| a.endorser.cmp(&b.endorser));
    sign_embedded(Envelope {
        proposal,
        action,
        endorsements,
        signature: Vec::new(),
    })
}

fn genesis() -> Genesis {
    let consortium = consortium();
    let roots = FOUR.msps.iter().cloned().collect();
    Genesis::new(
        "medveil",
        "medveil",
        &consortium,
        &groups(&consortium),
        roots,
    )
}

fn others(corpus: &mut Corpus, block: &Block) {
    let peer = &FOUR.founded[0].peer;
    let (number, hash) = (block.header.number, block.header.hash());
    let message = Head::message(&block.header.previous, number, &hash);
    let head = Head {
        genesis: block.header.previous,
        number,
        hash,
        signer: peer.creator().clone(),
        signature: peer.sign(&message).expect("a signature"),
    };
    let write = PrivateWrite {
        collection: CollectionName::explicit("hospitals").expect("a name"),
        key: "grant/1".to_owned(),
        value: vec![9; 40],
    };
    let verdicts = vec![ValidationCode::Valid, ValidationCode::MvccConflict];
    corpus.put(
        "embedded_block",
        "head",
        borsh::to_vec(&head).expect("bytes"),
    );
    corpus.put(
        "embedded_block",
        "private",
        borsh::to_vec(&vec![write]).expect("bytes"),
    );
    corpus.put(
        "embedded_block",
        "verdicts",
        borsh::to_vec(&verdicts).expect("bytes"),
    );
}

fn chain_file(genesis: &Genesis, blocks: &[&Block]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chain");
    Chain::create(&path, &genesis.to_bytes()).expect("a chain");
    let mut chain = Chain::open(&path).expect("a chain");
    for block in blocks {
        chain.append(block, &NoFaults).expect("appended");
    }
    std::fs::read(&path).expect("a file")
}
