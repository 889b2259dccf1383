//! From a wallet to a witness: which alternative of the policy a person satisfies, or in words what
//! each of them lacks.

use super::choose::{Chooser, Chosen};
use super::{
    Eligibility, EligibilityPrivate, EligibilityPublic, RequestValues, VisaWitness, hidden_study,
    nullifier,
};
use crate::field::{Felt, Fr};
use crate::ids::Day;
use crate::indexed::{REVOCATION_DEPTH, RevocationTree};
use crate::merkle::{MerkleError, Tree};
use crate::policy::{self, Program, RequestElements};
use crate::registry::{IssuerLeaf, issuer_tree};
use crate::statement::{Statement, Unsatisfied};
use crate::visa::{HolderSecret, SignedVisa};

/// A visa with the blind of its holder commitment.
pub struct HeldVisa<'a> {
    pub visa: &'a SignedVisa,
    /// The blind, from the request that the issuer answered.
    pub blind: Felt,
}

/// A person: secret, wallet, and the study that stays hidden.
pub struct Applicant<'a> {
    /// The one secret.
    pub secret: &'a HolderSecret,
    /// All visas of the wallet.
    pub visas: &'a [HeldVisa<'a>],
    /// F("study", study id), or 0.
    pub study: Felt,
    /// Fresh salt of the hidden study.
    pub study_salt: Felt,
}

/// An issuer as the registry has it.
#[derive(Clone, Debug)]
pub struct RegisteredIssuer {
    pub leaf: IssuerLeaf,
    /// Its revoked indices, in order of insertion.
    pub revoked: Vec<u64>,
}

/// Everything public that the proof will speak of.
pub struct RequestContext<'a> {
    /// The policy in force.
    pub program: &'a Program,
    /// All issuers, by place in the registry.
    pub issuers: &'a [RegisteredIssuer],
    /// An admissible day.
    pub day: Day,
    /// `scope`.
    pub scope: Felt,
    /// What is asked for.
    pub request: RequestValues,
    /// `ContextParts::hash`.
    pub context: Felt,
}

/// A chosen alternative with instance and witness.
pub struct Prepared {
    /// Circuit tier: 1 or 4.
    pub tier: u8,
    pub public: EligibilityPublic,
    pub private: EligibilityPrivate,
    /// Which alternative was chosen.
    pub alternative: usize,
    /// Which visas of the wallet were used, the anchor first.
    pub visas: Vec<usize>,
}

/// What each alternative lacks, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Ineligible {
    /// Name of the alternative, and what it lacks.
    pub alternatives: Vec<(String, Vec<String>)>,
}

impl std::fmt::Display for Ineligible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no alternative of the policy is satisfied")?;
        self.alternatives
            .iter()
            .try_for_each(|(name, lacks)| write!(f, "; \"{name}\": {}", lacks.join(", ")))
    }
}

/// Why there is no witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The person is not eligible.
    #[error(transparent)]
    Ineligible(#[from] Ineligible),
    /// The request does not hide the applicant's study.
    #[error("request: its hidden study is not the applicant's study and salt")]
    Study,
    /// An issuer's revocations are not those of its leaf.
    #[error("issuer {0}: its list of revocations does not lead to the root in its leaf")]
    Revocations(usize),
    /// Too many issuers.
    #[error("registry")]
    Registry(#[from] MerkleError),
    /// The witness does not satisfy the statement: a defect of this program.
    #[error("prepared witness")]
    Witness(#[from] Unsatisfied),
}

/// Chooses the first alternative that the applicant satisfies and builds instance and witness.
///
/// **Errors**: what each alternative lacks; a context that contradicts itself.
pub fn prepare(
    applicant: &Applicant<'_>,
    context: &RequestContext<'_>,
) -> Result<Prepared, PrepareError> {
    if hidden_study(applicant.study, applicant.study_salt) != context.request.hidden_study {
        return Err(PrepareError::Study);
    }
    let leaves: Vec<Felt> = context
        .issuers
        .iter()
        .map(|issuer| issuer.leaf.hash())
        .collect();
    let request = elements(applicant, context);
    let chooser = Chooser {
        applicant,
        context,
        request,
    };
    let builder = Builder {
        applicant,
        context,
        tree: issuer_tree(&leaves)?,
        request,
    };
    let mut lacking = Vec::new();
    for (i, document) in context.program.document().alternatives.iter().enumerate() {
        match chooser.choose(document) {
            Ok(chosen) => return builder.build(i, &chosen),
            Err(lacks) => lacking.push((document.name.clone(), lacks)),
        }
    }
    Err(Ineligible {
        alternatives: lacking,
    }
    .into())
}

fn elements(applicant: &Applicant<'_>, context: &RequestContext<'_>) -> RequestElements {
    let RequestValues {
        purpose,
        disease,
        region,
        submitter,
        ..
    } = context.request;
    RequestElements([
        applicant.study.0,
        purpose.0,
        Fr::from(disease),
        region.0,
        submitter.0,
    ])
}

/// What builds instance and witness of a chosen alternative.
struct Builder<'a> {
    applicant: &'a Applicant<'a>,
    context: &'a RequestContext<'a>,
    tree: Tree,
    request: RequestElements,
}

impl Builder<'_> {
    fn witness(&self, chosen: Chosen) -> Result<VisaWitness, PrepareError> {
        let held = &self.applicant.visas[chosen.visa];
        let issuer = &self.context.issuers[chosen.issuer];
        let wrong = PrepareError::Revocations(chosen.issuer);
        let revoked = RevocationTree::from_values(REVOCATION_DEPTH, &issuer.revoked)
            .map_err(|_| wrong.clone())?;
        if revoked.root() != issuer.leaf.revocation_root.0 {
            return Err(wrong);
        }
        let slots = held.visa.visa().slots();
        Ok(VisaWitness {
            absence: revoked
                .absence_proof(held.visa.visa().revocation_index)
                .map_err(|_| wrong)?,
            slots,
            signature: held.visa.signature().clone(),
            blind: held.blind.0,
            key: held.visa.key().point(),
            institution: issuer.leaf.institution.0,
            registrant: issuer.leaf.registrant.0,
            revocation_root: issuer.leaf.revocation_root.0,
            issuer_path: self.tree.path(chosen.issuer as u64)?,
        })
    }

    fn build(&self, index: usize, chosen: &[Chosen]) -> Result<Prepared, PrepareError> {
        let program = self.context.program;
        let alternative = &program.alternatives()[index];
        let mut visas = chosen
            .iter()
            .map(|c| self.witness(*c))
            .collect::<Result<Vec<_>, _>>()?;
        visas.resize_with(usize::from(program.tier()), VisaWitness::placeholder);
        let path = policy::Header::decode(alternative.code.header).and_then(|header| header.path);
        let value = path.map(|(visa, slot)| visas[usize::from(visa)].slots.get(slot));
        let set_path = value
            .map(|value| policy::set_path(&alternative.set, value))
            .transpose()?
            .flatten();
        let private = EligibilityPrivate {
            secret: self.applicant.secret.element(),
            study_salt: self.applicant.study_salt.0,
            request: self.request,
            alternatives: program.hashes(),
            position: index as u8,
            alternative: alternative.code.clone(),
            visas,
            set_path: set_path.unwrap_or_else(EligibilityPrivate::no_set_path),
        };
        let public = self.public();
        match program.tier() {
            1 => Eligibility::<1>::check(&public, &private)?,
            _ => Eligibility::<4>::check(&public, &private)?,
        }
        Ok(Prepared {
            tier: program.tier(),
            public,
            private,
            alternative: index,
            visas: chosen.iter().map(|c| c.visa).collect(),
        })
    }

    fn public(&self) -> EligibilityPublic {
        EligibilityPublic {
            policy_root: self.context.program.root(),
            issuer_root: crate::ids::IssuerRoot::new(Felt(self.tree.root())),
            day: self.context.day,
            scope: self.context.scope,
            request: self.context.request.hash(),
            context: self.context.context,
            nullifier: nullifier(self.applicant.secret, self.context.scope),
            disclosure: Felt::ZERO,
        }
    }
}
