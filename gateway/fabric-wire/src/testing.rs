//! Fabric's transactions and blocks as tests build and sign them, with certificates of test
//! authorities.

#![allow(clippy::unwrap_used, clippy::new_without_default)]

mod blocks;
mod seal;

pub use blocks::{Mark, block};

use crate::{Expected, Part};
use medveil_collections_config::{CollectionsConfig, Consortium, Role};
use medveil_msp::testing::{MAJORITY, NOW, ORGS, consortium, groups, msp};
use medveil_msp::{Authority, Founded, Identity, MspSet, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::cell::RefCell;

/// Name of channel and contract.
pub const NAME: &str = "medveil";

/// Four organisations and an orderer's.
pub struct Net {
    pub orgs: Vec<Founded>,
    pub ordering: Authority,
    pub msps: MspSet,
    pub consortium: Consortium,
    pub collections: CollectionsConfig,
    rng: RefCell<ChaCha20Rng>,
}

/// A transaction before it is signed.
#[derive(Clone)]
pub struct Draft {
    pub client: Identity,
    pub endorsers: Vec<Identity>,
    /// The chaincode that its header names.
    pub chaincode: &'static str,
    pub args: Vec<Vec<u8>>,
    pub parts: Vec<Part>,
    pub event: Option<(String, Vec<u8>)>,
    pub answer: Vec<u8>,
    pub at_ms: u64,
    /// Whether an endorsement is added that does not hold.
    pub junk: bool,
}

impl Net {
    pub fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let validity = Validity::years_from(NOW, 10);
        let orgs: Vec<Founded> = ORGS
            .iter()
            .map(|o| Founded::new(&msp(o), validity, &mut rng).unwrap())
            .collect();
        let ordering = Authority::create(&msp("Orderers"), validity, &mut rng).unwrap();
        let msps = MspSet::new(orgs.iter().map(|o| o.authority.msp().unwrap())).unwrap();
        let consortium = consortium();
        let collections = groups(&consortium);
        Net {
            orgs,
            ordering,
            msps,
            consortium,
            collections,
            rng: RefCell::new(rng),
        }
    }

    pub fn org(&self, name: &str) -> &Founded {
        self.orgs
            .iter()
            .find(|o| o.authority.msp_id().as_str() == name)
            .unwrap()
    }

    pub fn peers(&self, names: &[&str]) -> Vec<Identity> {
        names
            .iter()
            .map(|name| self.org(name).peer.clone())
            .collect()
    }

    /// A further identity of an authority.
    pub fn issue(&self, authority: &Authority, role: Role, validity: Validity) -> Identity {
        authority
            .issue(role, "further", validity, &mut *self.rng.borrow_mut())
            .unwrap()
    }

    pub fn orderer(&self) -> Identity {
        self.issue(&self.ordering, Role::Orderer, Validity::years_from(NOW, 10))
    }

    pub fn expected(&self) -> Expected<'_> {
        Expected {
            channel: NAME,
            chaincode: NAME,
            msps: &self.msps,
        }
    }

    /// A call by a hospital that a majority endorses.
    pub fn draft(&self, parts: Vec<Part>) -> Draft {
        Draft {
            client: self.org("HospitalA").client.clone(),
            endorsers: self.peers(&MAJORITY),
            chaincode: NAME,
            args: vec![b"call".to_vec()],
            parts,
            event: None,
            answer: Vec::new(),
            at_ms: NOW,
            junk: false,
        }
    }
}

/// Public writes and reads of the contract.
pub fn public(reads: &[(&str, Option<(u64, u64)>)], writes: &[(&str, &str)]) -> Part {
    let key = |key: &str| key.as_bytes().to_vec();
    Part {
        namespace: NAME.to_owned(),
        reads: reads
            .iter()
            .map(|(k, version)| (key(k), *version))
            .collect(),
        writes: writes
            .iter()
            .map(|(k, value)| (key(k), Some(key(value))))
            .collect(),
        ..Part::default()
    }
}

/// Private writes and reads of the contract, by hashes of 32 equal bytes.
pub fn private(collection: &str, reads: &[(u8, Option<(u64, u64)>)], writes: &[(u8, u8)]) -> Part {
    Part {
        namespace: NAME.to_owned(),
        collection: collection.to_owned(),
        reads: reads
            .iter()
            .map(|(k, version)| (vec![*k; 32], *version))
            .collect(),
        writes: writes
            .iter()
            .map(|(k, value)| (vec![*k; 32], Some(vec![*value; 32])))
            .collect(),
        ..Part::default()
    }
}
