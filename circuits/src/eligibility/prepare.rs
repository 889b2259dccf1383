//! From a wallet to a witness: which alternative of the policy a person satisfies, or in words what
//! each of them lacks.

use super::{
    Eligibility, EligibilityPrivate, EligibilityPublic, RequestValues, VisaWitness, hidden_study,
    nullifier,
};
use crate::field::{Felt, Fr};
use crate::ids::Day;
use crate::indexed::{REVOCATION_DEPTH, RevocationTree};
use crate::merkle::{MerkleError, Tree};
use crate::policy::compile::{Compiled, compile_clause};
use crate::policy::{
    self, AlternativeDocument, ClauseDocument, Program, RequestElements, VisaDocument, Word,
    code::ClauseHeader,
};
use crate::registry::{self, IssuerLeaf, issuer_tree};
use crate::statement::{Statement, Unsatisfied};
use crate::visa::{self, HolderSecret, SignedVisa};

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
    let chooser = Chooser {
        applicant,
        context,
        tree: issuer_tree(&leaves)?,
        request: elements(applicant, context),
    };
    let mut lacking = Vec::new();
    for (i, document) in context.program.document().alternatives.iter().enumerate() {
        match chooser.choose(document) {
            Ok(chosen) => return chooser.build(i, &chosen),
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

/// A visa of the wallet and the place of its issuer.
#[derive(Clone, Copy)]
struct Chosen {
    visa: usize,
    issuer: usize,
}

struct Chooser<'a> {
    applicant: &'a Applicant<'a>,
    context: &'a RequestContext<'a>,
    tree: Tree,
    request: RequestElements,
}

impl Chooser<'_> {
    fn choose(&self, document: &AlternativeDocument) -> Result<Vec<Chosen>, Vec<String>> {
        let found: Vec<_> = document
            .visas
            .iter()
            .enumerate()
            .map(|(i, wanted)| self.choose_visa(i == 0, document, wanted))
            .collect();
        let mut lacks: Vec<String> = found
            .iter()
            .filter_map(|f| f.as_ref().err())
            .flatten()
            .cloned()
            .collect();
        if document.require_study && self.applicant.study.is_zero() {
            lacks.push("the request names no study".to_owned());
        }
        if lacks.is_empty() {
            Ok(found.into_iter().flatten().collect())
        } else {
            Err(lacks)
        }
    }

    /// The first visa of the wallet that will do, or why none does.
    fn choose_visa(
        &self,
        anchor: bool,
        alternative: &AlternativeDocument,
        wanted: &VisaDocument,
    ) -> Result<Chosen, Vec<String>> {
        let mut reasons = Vec::new();
        for (i, held) in self.applicant.visas.iter().enumerate() {
            if held.visa.visa().schema != wanted.schema {
                continue;
            }
            match self.judge(held, anchor, alternative, wanted) {
                Ok(issuer) => return Ok(Chosen { visa: i, issuer }),
                // The number is the place in the wallet, as `Prepared::visas` counts.
                Err(reason) => reasons.push(format!(
                    "{} visa (number {i} of the wallet): {reason}",
                    wanted.schema
                )),
            }
        }
        if reasons.is_empty() {
            reasons.push(format!("there is no {} visa in the wallet", wanted.schema));
        }
        Err(reasons)
    }

    /// The place of the visa's issuer, if the visa will do; otherwise the first reason why not.
    fn judge(
        &self,
        held: &HeldVisa<'_>,
        anchor: bool,
        alternative: &AlternativeDocument,
        wanted: &VisaDocument,
    ) -> Result<usize, String> {
        let visa = held.visa.visa();
        let issuer = self.issuer_of(held, wanted)?;
        if self.applicant.secret.commitment(held.blind) != visa.holder {
            return Err("it was issued to another secret".to_owned());
        }
        if visa.asserted > self.context.day {
            return Err("it is not valid yet".to_owned());
        }
        if visa.expiry <= self.context.day {
            return Err("it has expired".to_owned());
        }
        if self.context.issuers[issuer]
            .revoked
            .contains(&visa.revocation_index)
        {
            return Err("it was revoked".to_owned());
        }
        let registered = self.context.issuers[issuer].leaf.institution;
        if anchor && !registered.is_zero() && registered != visa.institution {
            return Err("its institution is not that of its issuer".to_owned());
        }
        if anchor
            && alternative.require_institution
            && visa.institution != self.context.request.submitter
        {
            return Err("its institution is not the organisation that asks".to_owned());
        }
        if alternative.require_study
            && wanted.schema.is_approval()
            && visa.study != self.applicant.study
        {
            return Err("it is for another study than the request".to_owned());
        }
        if !visa.conditions.is_zero() && !wanted.clauses.iter().any(|c| c.word == Word::Conditions)
        {
            return Err("it carries conditions that the policy does not name".to_owned());
        }
        match wanted
            .clauses
            .iter()
            .find(|clause| !self.clause_holds(clause, held))
        {
            Some(clause) => Err(format!("it does not satisfy \"{}\"", clause.words())),
            None => Ok(issuer),
        }
    }

    fn issuer_of(&self, held: &HeldVisa<'_>, wanted: &VisaDocument) -> Result<usize, String> {
        let group = visa::group_hash(&wanted.group);
        let fits = |leaf: &IssuerLeaf| {
            leaf.key == held.visa.key()
                && leaf.schema == wanted.schema.id()
                && leaf.group == group
                && leaf.status == registry::ACTIVE
        };
        let found = self
            .context
            .issuers
            .iter()
            .position(|issuer| fits(&issuer.leaf));
        found.ok_or_else(|| {
            format!(
                "its issuer is not registered and active in group {}",
                wanted.group
            )
        })
    }

    fn clause_holds(&self, clause: &ClauseDocument, held: &HeldVisa<'_>) -> bool {
        let slots = held.visa.visa().slots();
        match compile_clause(clause) {
            Ok(Compiled::Code(code)) => ClauseHeader::decode(code.header)
                .is_some_and(|h| code.holds(h, &slots, &self.request)),
            Ok(Compiled::Long(set)) => set.contains(&Felt(slots.get(clause.word.slot()))),
            Err(_) => false,
        }
    }

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
