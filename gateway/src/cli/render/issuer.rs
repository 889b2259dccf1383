//! Issuers in words.

use super::{Render, count};
use crate::journey::issuer::{
    IssuerMade, IssuerRegistered, RevocationsPublished, VisaIssued, VisasRevoked,
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
            format!("  revocation index {index}: keep it, `issuer revoke` needs it"),
        ]
    }
}

impl Render for VisasRevoked {
    fn lines(&self) -> Vec<String> {
        if let Some(pending) = self.pending {
            let noted = count(pending as u64, "revocation");
            return vec![format!("{noted} noted; `issuer publish` sends them")];
        }
        let urgent = self.urgent.unwrap_or_default();
        let revoked = self.revoked.unwrap_or_default();
        vec![revocation_line(&self.org, revoked, urgent)]
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

fn revocation_line(org: &MspId, revoked: usize, urgent: bool) -> String {
    let visas = count(revoked as u64, "visa");
    let note = if urgent {
        "older registry roots are refused at once"
    } else {
        "older registry roots stay acceptable for 60 minutes: `--urgent` refuses them at once"
    };
    format!("{org} revoked {visas}; {note}")
}
