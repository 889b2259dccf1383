//! Which visas of a wallet satisfy an alternative of a policy, or in words what it lacks.

use super::{Applicant, HeldVisa, RequestContext};
use crate::field::Felt;
use crate::policy::code::ClauseHeader;
use crate::policy::compile::{Compiled, compile_clause};
use crate::policy::{AlternativeDocument, ClauseDocument, RequestElements, VisaDocument, Word};
use crate::registry::{self, IssuerLeaf};
use crate::visa;

/// A visa of the wallet and the place of its issuer.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    pub visa: usize,
    pub issuer: usize,
}

pub(super) struct Chooser<'a> {
    pub applicant: &'a Applicant<'a>,
    pub context: &'a RequestContext<'a>,
    pub request: RequestElements,
}

impl Chooser<'_> {
    /// Visas that satisfy the alternative, the anchor first.
    ///
    /// **Errors**: everything that is lacking.
    pub fn choose(&self, document: &AlternativeDocument) -> Result<Vec<Chosen>, Vec<String>> {
        let (mut candidates, mut lacks) = (Vec::new(), Vec::new());
        for (i, wanted) in document.visas.iter().enumerate() {
            match self.candidates(i == 0, document, wanted) {
                Ok(found) => candidates.push(found),
                Err(reasons) => lacks.extend(reasons),
            }
        }
        if document.require_study && self.applicant.study.is_zero() {
            lacks.push("the request names no study".to_owned());
        }
        if !lacks.is_empty() {
            return Err(lacks);
        }
        let mut chosen = Vec::new();
        if self.fill(document.distinct_issuers, &candidates, &mut chosen) {
            return Ok(chosen);
        }
        lacks.push("no visa counts twice: it takes one more".to_owned());
        if document.distinct_issuers {
            let rule = "visas of one schema come from issuers of different organisations";
            lacks.push(rule.to_owned());
        }
        Err(lacks)
    }

    /// Chooses one candidate for each place that is left, if they can stand beside each other.
    fn fill(&self, distinct: bool, places: &[Vec<Chosen>], chosen: &mut Vec<Chosen>) -> bool {
        let Some((first, rest)) = places.split_first() else {
            return true;
        };
        for candidate in first {
            if chosen.iter().any(|c| self.exclude(distinct, c, candidate)) {
                continue;
            }
            chosen.push(*candidate);
            if self.fill(distinct, rest, chosen) {
                return true;
            }
            chosen.pop();
        }
        false
    }

    /// Whether two visas cannot both be used (E20, E21).
    fn exclude(&self, distinct: bool, a: &Chosen, b: &Chosen) -> bool {
        // Equal visas are what equal messages are, without a hash a pair.
        let visa = |c: &Chosen| self.applicant.visas[c.visa].visa.visa();
        let leaf = |c: &Chosen| &self.context.issuers[c.issuer].leaf;
        let one_side = leaf(a).schema == leaf(b).schema && leaf(a).registrant == leaf(b).registrant;
        visa(a) == visa(b) || distinct && one_side
    }

    /// All visas of the wallet that will do, or why none does.
    fn candidates(
        &self,
        anchor: bool,
        alternative: &AlternativeDocument,
        wanted: &VisaDocument,
    ) -> Result<Vec<Chosen>, Vec<String>> {
        let (mut found, mut reasons) = (Vec::new(), Vec::new());
        for (i, held) in self.applicant.visas.iter().enumerate() {
            if held.visa.visa().schema != wanted.schema {
                continue;
            }
            match self.judge(held, anchor, alternative, wanted) {
                Ok(issuer) => found.push(Chosen { visa: i, issuer }),
                // The number is the place in the wallet, as `Prepared::visas` counts.
                Err(reason) => reasons.push(format!(
                    "{} visa (number {i} of the wallet): {reason}",
                    wanted.schema
                )),
            }
        }
        if !found.is_empty() {
            return Ok(found);
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
        if anchor && visa.institution.is_zero() {
            return Err("it names no institution".to_owned());
        }
        if ![Felt::ZERO, registered].contains(&visa.institution) && !registered.is_zero() {
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
}
