//! The registry of issuers: leaves, root and the message that proves possession of a key (SPEC
//! section 5).
//!
//! Who may register is the contract's business; each issuer's own revocation tree is `indexed`.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::babyjubjub::{Point, PublicPoint};
use crate::domain::{self, TreeKind};
use crate::eddsa::{self, EddsaError, Signature};
use crate::field::{Felt, Fr};
use crate::ids::{ConsortiumId, IssuerRoot, SchemaId};
use crate::merkle::{self, MerkleError, Tree};
use crate::poseidon;

/// Depth of the issuer tree: 4,096 issuers.
pub const ISSUER_DEPTH: usize = 3;
/// Leaves of one batch: a subtree of depth 2.
pub const BATCH: usize = 256;
const BATCH_DEPTH: usize = 2;
/// Status of an issuer whose visas count.
pub const ACTIVE: u8 = 1;
/// Status of an issuer whose visas count no more.
pub const RETIRED: u8 = 0;

/// What the registry says of one issuer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerLeaf {
    pub key: PublicPoint,
    /// Visa schema it may sign.
    pub schema: SchemaId,
    /// F("group", name).
    pub group: Felt,
    /// F("msp", registrant), or 0 where the issuer may vouch for people of any institution.
    pub institution: Felt,
    /// F("msp", registrant).
    pub registrant: Felt,
    /// Root of its revocation tree.
    pub revocation_root: Felt,
    /// 1 is active.
    pub status: u8,
}

impl IssuerLeaf {
    /// P_9(A.x, A.y, schema id, group, institution, registrant, revocation root, status).
    pub fn hash(&self) -> Felt {
        let elements = LeafElements {
            key: self.key.point(),
            schema: self.schema.felt().0,
            group: self.group.0,
            institution: self.institution.0,
            registrant: self.registrant.0,
            revocation_root: self.revocation_root.0,
            status: Fr::from(u64::from(self.status)),
        };
        Felt(elements.hash())
    }
}

/// A leaf as raw elements, for witnesses that nobody checked.
pub(crate) struct LeafElements {
    pub(crate) key: Point,
    pub(crate) schema: Fr,
    pub(crate) group: Fr,
    pub(crate) institution: Fr,
    pub(crate) registrant: Fr,
    pub(crate) revocation_root: Fr,
    pub(crate) status: Fr,
}

impl LeafElements {
    pub(crate) fn hash(&self) -> Fr {
        poseidon::hash(
            domain::ISSUER_LEAF,
            &[
                self.key.x,
                self.key.y,
                self.schema,
                self.group,
                self.institution,
                self.registrant,
                self.revocation_root,
                self.status,
            ],
        )
    }
}

/// The issuer tree over leaf hashes, by place.
///
/// **Errors**: more than 4,096 leaves.
pub fn issuer_tree(leaves: &[Felt]) -> Result<Tree, MerkleError> {
    let leaves: Vec<Fr> = leaves.iter().map(|leaf| leaf.0).collect();
    Tree::from_leaves(TreeKind::Issuer, ISSUER_DEPTH, &leaves)
}

/// The root over leaf hashes, by place.
///
/// **Shape**: at most 4,096 leaves.
pub fn issuer_root(leaves: &[Felt]) -> IssuerRoot {
    let leaves: Vec<Fr> = leaves.iter().map(|leaf| leaf.0).collect();
    IssuerRoot::new(Felt(merkle::root_of(
        TreeKind::Issuer,
        ISSUER_DEPTH,
        &leaves,
    )))
}

/// Root over one batch of leaf hashes, by place.
///
/// **Shape**: at most [`BATCH`] leaves.
///
/// **Cost**: up to 17 hashes.
pub fn batch_root(leaves: &[Felt]) -> Felt {
    let leaves: Vec<Fr> = leaves.iter().map(|leaf| leaf.0).collect();
    Felt(merkle::root_of(TreeKind::Issuer, BATCH_DEPTH, &leaves))
}

/// The root over the roots of the batches, up to the last one in use.
///
/// **Shape**: at most 16 batches; those beyond are left out.
pub fn root_of_batches(batches: &[Felt]) -> IssuerRoot {
    let mut children = [batch_root(&[]).0; merkle::ARITY];
    for (child, batch) in children.iter_mut().zip(batches) {
        *child = batch.0;
    }
    IssuerRoot::new(Felt(merkle::node(TreeKind::Issuer, BATCH_DEPTH, &children)))
}

/// What an issuer signs to show that the key is its own, and that this organisation is to register
/// it: nobody else can use the signature.
#[derive(Clone, Copy, Debug)]
pub struct Possession {
    pub consortium: ConsortiumId,
    pub schema: SchemaId,
    /// F("group", name).
    pub group: Felt,
    /// F("msp", registrant).
    pub registrant: Felt,
    pub key: PublicPoint,
}

impl Possession {
    /// P_11(consortium, schema id, group, registrant, A.x, A.y). Tagged, so it can never be a
    /// visa's hash.
    pub fn message(&self) -> Felt {
        let parts = [
            self.consortium.felt(),
            self.schema.felt(),
            self.group,
            self.registrant,
            self.key.x(),
            self.key.y(),
        ];
        Felt(poseidon::hash(
            domain::POSSESSION,
            &parts.map(|felt| felt.0),
        ))
    }

    /// Checks the signature on the message.
    ///
    /// **Errors**: it does not hold.
    pub fn verify(&self, signature: &Signature) -> Result<(), EddsaError> {
        eddsa::verify(&self.key.point(), self.message().0, signature)
    }
}

#[cfg(test)]
mod tests;
