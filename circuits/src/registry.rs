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

/// Depth of the issuer tree: 256 issuers.
pub const ISSUER_DEPTH: usize = 2;
/// Status of an issuer whose visas count.
pub const ACTIVE: u8 = 1;

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
    /// Root of its revocation tree.
    pub revocation_root: Felt,
    /// 1 is active.
    pub status: u8,
}

impl IssuerLeaf {
    /// P_9(A.x, A.y, schema id, group, institution, revocation root, status).
    pub fn hash(&self) -> Felt {
        let elements = LeafElements {
            key: self.key.point(),
            schema: self.schema.felt().0,
            group: self.group.0,
            institution: self.institution.0,
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
                self.revocation_root,
                self.status,
            ],
        )
    }
}

/// The issuer tree over leaf hashes, by place.
///
/// **Errors**: more than 256 leaves.
pub fn issuer_tree(leaves: &[Felt]) -> Result<Tree, MerkleError> {
    let leaves: Vec<Fr> = leaves.iter().map(|leaf| leaf.0).collect();
    Tree::from_leaves(TreeKind::Issuer, ISSUER_DEPTH, &leaves)
}

/// The root over leaf hashes, by place.
///
/// **Shape**: at most 256 leaves.
pub fn issuer_root(leaves: &[Felt]) -> IssuerRoot {
    let leaves: Vec<Fr> = leaves.iter().map(|leaf| leaf.0).collect();
    IssuerRoot::new(Felt(merkle::root_of(
        TreeKind::Issuer,
        ISSUER_DEPTH,
        &leaves,
    )))
}

/// P_11(consortium, schema id, group, A.x, A.y): what an issuer signs to show that the key is its
/// own. Tagged, so it can never be a visa's hash.
pub fn possession_message(
    consortium: ConsortiumId,
    schema: SchemaId,
    group: Felt,
    key: &PublicPoint,
) -> Felt {
    let parts = [
        consortium.felt().0,
        schema.felt().0,
        group.0,
        key.x().0,
        key.y().0,
    ];
    Felt(poseidon::hash(domain::POSSESSION, &parts))
}

/// Checks a proof of possession.
///
/// **Errors**: the signature does not hold.
pub fn verify_possession(
    consortium: ConsortiumId,
    schema: SchemaId,
    group: Felt,
    key: &PublicPoint,
    signature: &Signature,
) -> Result<(), EddsaError> {
    eddsa::verify(
        &key.point(),
        possession_message(consortium, schema, group, key).0,
        signature,
    )
}

#[cfg(test)]
mod tests;
