//! The consortium file: who takes part and under which rules. `Bootstrap` writes its canonical
//! bytes, and their hash is the consortium id.
//!
//! Canonical means RFC 8785 with every default written out, so that one consortium has exactly one
//! byte form. Sharing groups live in a file of their own (`groups`), because collections can be
//! upgraded and Bootstrap bytes cannot.

mod read;

pub(crate) use read::{msp_ids, word};

use crate::json;
use crate::name::MspId;
use crate::problem::Problems;
use serde::Serialize;

/// The value of `format`.
pub const FORMAT: &str = "medveil-consortium-1";
const UNCANONICAL: &str = "expected canonical bytes (RFC 8785, defaults written)";
/// 0.1 wrote no limits of the registry, no leases and no budget of claims.
const EARLIER: &str = "expected canonical bytes of this release, got those of MedVeil 0.1: go on with 0.1 for this home, network or bundle, or found the consortium anew";
/// Most organisations of one consortium.
pub const MAX_MEMBERS: usize = 64;
/// Places of the registry of issuers.
pub const MAX_ISSUERS: i64 = 4096;
/// Most issuer lines.
pub const MAX_ISSUER_LINES: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its MSP id.
    pub msp_id: MspId,
    /// Its name for people.
    pub name: String,
}

/// Who may register issuers of one group for one visa schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssuerLine {
    /// Visa schema, such as `affiliation`.
    pub schema: String,
    /// Issuer group, such as `universities`.
    pub group: String,
    /// Organisations that may register.
    pub msps: Vec<MspId>,
    /// Whether an issuer of this line may vouch for people of any institution (institution 0 in
    /// its leaf).
    pub institution_may_be_absent: bool,
}

/// A consortium: exists only if it is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Consortium {
    format: &'static str,
    name: String,
    nonce: String,
    members: Vec<Member>,
    issuers: Vec<IssuerLine>,
    circuit_approvals: u32,
    subject_floor: u32,
    cooling_off_days: u32,
    period_days: u32,
    issuers_per_member: u32,
    registry_updates_per_hour: u32,
    urgent_updates_per_day: u32,
    lease_days: u32,
    affirm_after_hours: u32,
    claims_per_period: u32,
}

impl Consortium {
    /// Reads a consortium file as people write it.
    ///
    /// **Shape**: `format`, `name`, `nonce` (32 hex digits), `members`, `issuers`;
    /// `circuit_approvals` (default and minimum: the majority), `subject_floor` 5 to 20
    /// (default 11), `cooling_off_days` 0 to 365 (default 7), `period_days` 1 to 3650 (default 90),
    /// `issuers_per_member` 1 to 4096 (default 64), `registry_updates_per_hour` 1 to 1000 (default
    /// 16), `urgent_updates_per_day` 1 to 1000 (default 8), `lease_days` 1 to 3650 (default 90),
    /// `affirm_after_hours` 1 to 8760 (default 24), `claims_per_period` 1 to 10000 (default 64).
    ///
    /// **Errors**: all problems.
    pub fn from_json(text: &str) -> Result<Self, Problems> {
        let tree = json::parse(text)?;
        let mut problems = Problems::default();
        let consortium = read::read(&tree, &mut problems);
        problems.or(consortium)
    }

    /// Reads Bootstrap bytes.
    ///
    /// **Errors**: all problems, also when the bytes are a valid file that is not written
    /// canonically.
    ///
    /// **Security**: canonical; two different byte strings are never the same consortium.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, Problems> {
        let text = std::str::from_utf8(bytes).map_err(|_| Problems::one("", "expected utf-8"))?;
        let consortium = Consortium::from_json(text)?;
        if consortium.to_canonical() == bytes {
            return Ok(consortium);
        }
        let is_earlier = consortium.to_canonical_0_1() == text;
        Err(Problems::one(
            "",
            if is_earlier { EARLIER } else { UNCANONICAL },
        ))
    }

    /// The canonical bytes: what `Bootstrap` stores and the consortium id hashes.
    pub fn to_canonical(&self) -> Vec<u8> {
        // Texts, small integers and lists of them always serialise.
        serde_json_canonicalizer::to_vec(self).unwrap_or_default()
    }

    /// The bytes that 0.1 wrote of the same consortium: without what came later.
    fn to_canonical_0_1(&self) -> String {
        let mut text = String::from_utf8(self.to_canonical()).unwrap_or_default();
        for (name, value) in [
            ("issuers_per_member", self.issuers_per_member),
            ("registry_updates_per_hour", self.registry_updates_per_hour),
            ("urgent_updates_per_day", self.urgent_updates_per_day),
            ("lease_days", self.lease_days),
            ("affirm_after_hours", self.affirm_after_hours),
            ("claims_per_period", self.claims_per_period),
        ] {
            let field = format!("\"{name}\":{value}");
            text = text.replace(&format!("{field},"), "");
            text = text.replace(&format!(",{field}"), "");
        }
        text
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The 128-bit nonce, 32 lower-case hex digits.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }
    /// The organisations, sorted by MSP id.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
    /// Whether an organisation takes part.
    pub fn is_member(&self, msp_id: &MspId) -> bool {
        self.members.iter().any(|m| m.msp_id == *msp_id)
    }
    /// The issuer lines, sorted by schema and group.
    pub fn issuers(&self) -> &[IssuerLine] {
        &self.issuers
    }
    /// The line of one visa schema and issuer group.
    pub fn issuer_line(&self, schema: &str, group: &str) -> Option<&IssuerLine> {
        self.issuers
            .iter()
            .find(|line| line.schema == schema && line.group == group)
    }
    /// More than half of the organisations.
    pub fn majority(&self) -> u32 {
        majority(self.members.len())
    }
    /// How many organisations must approve a circuit before it can be activated.
    pub fn circuit_approvals(&self) -> u32 {
        self.circuit_approvals
    }
    /// Smallest number of subjects a claim may speak of.
    pub fn subject_floor(&self) -> u32 {
        self.subject_floor
    }
    /// Days before a replaced policy becomes active.
    ///
    /// **Units**: UTC days.
    pub fn cooling_off_days(&self) -> u32 {
        self.cooling_off_days
    }
    /// Default length of a nullifier period.
    ///
    /// **Units**: UTC days.
    pub fn period_days(&self) -> u32 {
        self.period_days
    }
    /// Issuers that one organisation may have in the registry, retired ones left out.
    pub fn issuers_per_member(&self) -> u32 {
        self.issuers_per_member
    }
    /// Registrations, revocations and retirements that one organisation may send within an hour.
    pub fn registry_updates_per_hour(&self) -> u32 {
        self.registry_updates_per_hour
    }
    /// Urgent ones within a day: each voids the proofs of requests that are under way.
    pub fn urgent_updates_per_day(&self) -> u32 {
        self.urgent_updates_per_day
    }
    /// How long a grant runs without being affirmed.
    ///
    /// **Units**: UTC days.
    pub fn lease_days(&self) -> u32 {
        self.lease_days
    }
    /// Age of a proof of eligibility from which keys are handed over only on a fresh one.
    ///
    /// **Units**: hours.
    pub fn affirm_after_hours(&self) -> u32 {
        self.affirm_after_hours
    }
    /// Claims that one holder may publish within a period of `period_days`.
    pub fn claims_per_period(&self) -> u32 {
        self.claims_per_period
    }
}

fn majority(n: usize) -> u32 {
    // At most `MAX_MEMBERS`, so the cast is exact.
    (n / 2 + 1) as u32
}

#[cfg(test)]
mod tests;
