//! Statement "eligibility": somebody of this institution, whom these visas describe, satisfies this
//! policy today (SPEC section 7).
//!
//! Here are the instance and the public hashes that both contract and client derive; `check` is the
//! native reading, `r1cs` the circuit, `prepare` chooses an alternative (`choose` its visas)
//! and builds the witness, or says in words what is missing.

mod check;
mod choose;
mod prepare;
#[cfg(feature = "r1cs")]
pub mod r1cs;
mod witness;

pub use prepare::{
    Applicant, HeldVisa, Ineligible, PrepareError, Prepared, RegisteredIssuer, RequestContext,
    prepare,
};
pub use witness::{EligibilityPrivate, VisaWitness};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::babyjubjub::PublicPoint;
use crate::domain::{self, Label};
use crate::field::{Digest, Felt, Fr, bytes_to_field};
use crate::ids::{
    ConsortiumId, DatasetRoot, Day, IssuerRoot, LineageId, Nullifier, PolicyRoot, RequestId,
};
use crate::poseidon;
use crate::statement::PublicInputs;
use crate::visa::{self, HolderSecret};

/// The statement, for policies of one visa (tier 1) or up to four (tier 4).
pub struct Eligibility<const TIER: usize>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EligibilityPublic {
    /// The policy in force.
    pub policy_root: PolicyRoot,
    /// A registry root that is admissible.
    pub issuer_root: IssuerRoot,
    /// A day that is admissible.
    pub day: Day,
    /// `scope`.
    pub scope: Felt,
    /// `RequestValues::hash`.
    pub request: Felt,
    /// `ContextParts::hash`.
    pub context: Felt,
    /// `nullifier`; never 0.
    pub nullifier: Nullifier,
    /// Always 0.
    pub disclosure: Felt,
}

impl PublicInputs for EligibilityPublic {
    const LEN: usize = 8;

    fn to_field(&self) -> Vec<Fr> {
        vec![
            self.policy_root.felt().0,
            self.issuer_root.felt().0,
            self.day.felt().0,
            self.scope.0,
            self.request.0,
            self.context.0,
            self.nullifier.felt().0,
            self.disclosure.0,
        ]
    }
}

/// Consortium id = F("consortium", Bootstrap bytes).
pub fn consortium_id(bootstrap: &[u8]) -> ConsortiumId {
    ConsortiumId::new(bytes_to_field(Label::Consortium, bootstrap))
}

/// Lineage id = P_8(consortium, F("msp", holder), F("lineage", name), nonce as a little-endian
/// integer).
pub fn lineage_id(
    consortium: ConsortiumId,
    holder_msp: &str,
    name: &str,
    nonce: [u8; 16],
) -> LineageId {
    let parts = [
        consortium.felt().0,
        visa::msp_hash(holder_msp).0,
        bytes_to_field(Label::Lineage, name.as_bytes()).0,
        Fr::from(u128::from_le_bytes(nonce)),
    ];
    LineageId::new(Felt(poseidon::hash(domain::LINEAGE, &parts)))
}

/// Period = floor(day / length). A length of 0 counts as 1.
pub fn period(day: Day, length_days: u32) -> u32 {
    day.0 / length_days.max(1)
}

/// Scope = P_3(consortium, F("chaincode", name), lineage, period).
pub fn scope(consortium: ConsortiumId, chaincode: &str, lineage: LineageId, period: u32) -> Felt {
    let chaincode = bytes_to_field(Label::Chaincode, chaincode.as_bytes());
    Felt(poseidon::hash(
        domain::SCOPE,
        &[
            consortium.felt().0,
            chaincode.0,
            lineage.felt().0,
            Fr::from(u64::from(period)),
        ],
    ))
}

/// Nullifier = P_2(secret, scope). The contract refuses 0.
pub fn nullifier(secret: &HolderSecret, scope: Felt) -> Nullifier {
    Nullifier::new(Felt(poseidon::hash(
        domain::NULLIFIER,
        &[secret.element(), scope.0],
    )))
}

/// P_5(study, salt): what a request shows of its study.
pub fn hidden_study(study: Felt, salt: Felt) -> Felt {
    Felt(poseidon::hash(domain::STUDY_BLIND, &[study.0, salt.0]))
}

/// What a request asks for; 0 is absent. Everything but the study behind `hidden_study` is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestValues {
    /// P_5(study, salt).
    pub hidden_study: Felt,
    /// F("value", text).
    pub purpose: Felt,
    pub disease: u32,
    /// F("region", text).
    pub region: Felt,
    /// F("msp", MSP id).
    pub submitter: Felt,
}

impl RequestValues {
    /// The request of public texts; an empty text is absent.
    pub fn new(
        hidden_study: Felt,
        purpose: &str,
        disease: u32,
        region: &str,
        submitter_msp: &str,
    ) -> Self {
        let absent_or = |text: &str, hash: fn(&str) -> Felt| {
            if text.is_empty() {
                Felt::ZERO
            } else {
                hash(text)
            }
        };
        RequestValues {
            hidden_study,
            purpose: absent_or(purpose, visa::value_hash),
            disease,
            region: absent_or(region, visa::region_hash),
            submitter: visa::msp_hash(submitter_msp),
        }
    }

    /// request = P_4(P_5(study, salt), purpose, disease, region, submitter).
    pub fn hash(&self) -> Felt {
        request_hash(
            self.hidden_study,
            self.purpose,
            Felt::from_u64(u64::from(self.disease)),
            self.region,
            self.submitter,
        )
    }
}

/// P_4(hidden study, purpose, disease, region, submitter).
pub fn request_hash(
    hidden_study: Felt,
    purpose: Felt,
    disease: Felt,
    region: Felt,
    submitter: Felt,
) -> Felt {
    Felt(poseidon::hash(
        domain::REQUEST,
        &[hidden_study.0, purpose.0, disease.0, region.0, submitter.0],
    ))
}

/// Request id = P_7(F("msp", submitter), nullifier, recipient.x, recipient.y, state version).
pub fn request_id(
    submitter_msp: &str,
    nullifier: Nullifier,
    recipient: &PublicPoint,
    state_version: u64,
) -> RequestId {
    let parts = [
        visa::msp_hash(submitter_msp).0,
        nullifier.felt().0,
        recipient.x().0,
        recipient.y().0,
        Fr::from(state_version),
    ];
    RequestId::new(Felt(poseidon::hash(domain::REQUEST_ID, &parts)))
}

/// What a proof is bound to, beside its request.
#[derive(Clone, Copy, Debug)]
pub struct ContextParts<'a> {
    pub consortium: ConsortiumId,
    pub chaincode: &'a str,
    /// Name of the contract call, such as `RequestAccess`.
    pub function: &'a str,
    pub request_id: RequestId,
    /// Key that will receive the slot keys.
    pub recipient: PublicPoint,
    /// Key slots asked for.
    pub column_mask: u16,
    /// State version: which transition of the request this is.
    pub version: u64,
    /// SHA-256 of the request's body, in the clear.
    pub body: Digest,
    pub dataset: DatasetRoot,
    pub policy: PolicyRoot,
    /// Digest of the verifying key.
    pub circuit_key: Digest,
}

impl ContextParts<'_> {
    /// context = P_6(consortium, F("chaincode", name), F("function", call), request id, state
    /// version, recipient.x, recipient.y, column mask, F("request-body", digest), dataset root,
    /// policy root, F("circuit", key digest)).
    pub fn hash(&self) -> Felt {
        let parts = [
            self.consortium.felt(),
            bytes_to_field(Label::Chaincode, self.chaincode.as_bytes()),
            bytes_to_field(Label::Function, self.function.as_bytes()),
            self.request_id.felt(),
            Felt::from_u64(self.version),
            self.recipient.x(),
            self.recipient.y(),
            Felt::from_u64(u64::from(self.column_mask)),
            self.body.to_field(Label::RequestBody),
            self.dataset.felt(),
            self.policy.felt(),
            self.circuit_key.to_field(Label::Circuit),
        ];
        Felt(poseidon::hash(domain::CONTEXT, &parts.map(|felt| felt.0)))
    }
}
