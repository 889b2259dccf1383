//! Issuers in words.

use super::{Render, count, quoted};
use crate::journey::issuer::{
    IssuedVisa, IssuedVisaState, IssuedVisas, IssuerMade, IssuerRegistered, IssuerRetired,
    RegisteredIssuerLine, RegisteredIssuers, RevocationsPublished, VisaIssued, VisasRevoked,
};
use medveil_circuits::visa::day;
use medveil_collections_config::MspId;

impl Render for IssuerMade {
    fn lines(&self) -> Vec<String> {
        let IssuerMade {
            org, schema, group, ..
        } = self;
        let mut lines = vec![format!(
            "{org} has an issuer key for {schema} in group {group}"
        )];
        if self.outside {
            lines.push("  sign this number with EdDSA-Poseidon to show possession, then `issuer register --possession R8X,R8Y,S`:".to_owned());
            lines.push(format!("  {}", self.possession_message));
        }
        lines
    }
}

impl Render for IssuerRegistered {
    fn lines(&self) -> Vec<String> {
        let IssuerRegistered {
            org, schema, group, ..
        } = self;
        vec![format!(
            "{org} registered as issuer of {schema} in group {group}"
        )]
    }
}

impl Render for VisaIssued {
    fn lines(&self) -> Vec<String> {
        let (org, schema, until) = (&self.org, self.schema, day::to_text(self.expiry));
        let (visa, index) = (self.visa.display(), self.revocation_index);
        vec![
            format!("{org} signed a visa of schema {schema} until {until}, written to {visa}"),
            format!("  revocation index {index}: `issuer list` has it, `issuer revoke` takes it"),
        ]
    }
}

impl Render for VisasRevoked {
    fn lines(&self) -> Vec<String> {
        if let Some(pending) = self.pending {
            let noted = count(pending as u64, "revocation");
            return vec![format!("{noted} noted; `issuer publish` sends them")];
        }
        let before = count(self.revoked_before as u64, "visa");
        let before = (self.revoked_before > 0).then(|| format!("  {before} revoked before"));
        let urgent = self.urgent.unwrap_or_default();
        let revoked = self.revoked.unwrap_or_default();
        let now = match (&self.transaction, urgent) {
            (Some(_), _) => revocation_line(&self.org, revoked, urgent),
            (None, true) => {
                "no proof about an older registry root counts any more: nothing was sent".to_owned()
            }
            (None, false) => "nothing was sent".to_owned(),
        };
        std::iter::once(now).chain(before).collect()
    }
}

impl Render for RevocationsPublished {
    fn lines(&self) -> Vec<String> {
        vec![match self.urgent {
            Some(urgent) => revocation_line(&self.org, self.revoked, urgent),
            None => "all noted revocations are on the ledger already".to_owned(),
        }]
    }
}

impl Render for IssuedVisas {
    fn lines(&self) -> Vec<String> {
        let IssuedVisas {
            org, schema, group, ..
        } = self;
        if self.visas.is_empty() {
            return vec![format!(
                "{org} signed no visas of {schema} in group {group} yet"
            )];
        }
        let line = |visa: &IssuedVisa| {
            let (from, until) = (day::to_text(visa.asserted), day::to_text(visa.expiry));
            let study = visa
                .study
                .as_deref()
                .map(|study| format!(", study {}", quoted(study)));
            let state = match visa.state {
                IssuedVisaState::Valid => "valid",
                IssuedVisaState::Expired => "expired",
                IssuedVisaState::Revoked => "revoked",
            };
            format!(
                "{}: {state}, {from} to {until}{}, holder {}",
                visa.revocation_index,
                study.unwrap_or_default(),
                &visa.holder.to_hex()[..16]
            )
        };
        self.visas.iter().map(line).collect()
    }
}

impl Render for RegisteredIssuers {
    fn lines(&self) -> Vec<String> {
        if self.issuers.is_empty() {
            return vec!["no organisation registered an issuer yet".to_owned()];
        }
        let line = |issuer: &RegisteredIssuerLine| {
            let state = if issuer.active { "" } else { ", retired" };
            let RegisteredIssuerLine {
                org, schema, group, ..
            } = issuer;
            let revoked = count(issuer.revoked, "visa");
            format!(
                "key {}: {org} for {schema} in group {group}, {revoked} revoked{state}",
                issuer.key
            )
        };
        self.issuers.iter().map(line).collect()
    }
}

impl Render for IssuerRetired {
    fn lines(&self) -> Vec<String> {
        let IssuerRetired {
            org,
            registrant,
            schema,
            group,
            ..
        } = self;
        let issuer =
            format!("the issuer of {schema} in group {group} that {registrant} registered");
        vec![match self.retired {
            true if self.transaction.is_none() => format!("{issuer} was retired before"),
            true if self.urgent => {
                format!("{issuer} is retired: no proof with its visas counts any more")
            }
            true => format!(
                "{issuer} is retired: no proof of a later registry takes its visas; older registry roots stay acceptable for 90 minutes, and what was proven counts for its hours: `issuer retire --urgent`, also afterwards, ends that at once"
            ),
            false => match (self.votes, self.needed) {
                (Some(votes), Some(needed)) => {
                    format!("{org} voted to retire {issuer}: {votes} of {needed} votes")
                }
                _ => format!("{org} voted to retire {issuer} before: nothing was sent"),
            },
        }]
    }
}

fn revocation_line(org: &MspId, revoked: usize, urgent: bool) -> String {
    let visas = count(revoked as u64, "visa");
    let note = if urgent {
        "older registry roots are refused at once"
    } else {
        "older registry roots stay acceptable for 90 minutes: `issuer revoke --urgent` refuses them at once"
    };
    format!("{org} revoked {visas}; {note}")
}
