//! Founding a consortium in words.

use super::{Render, list};
use crate::journey::consortium::{ConsortiumFounded, MemberLine, TrustWritten};

impl Render for ConsortiumFounded {
    fn lines(&self) -> Vec<String> {
        let member = |m: &MemberLine| format!("{} ({})", m.name, m.org);
        let members: Vec<String> = self.members.iter().map(member).collect();
        vec![
            format!("consortium of {}", list(&members)),
            "  each organisation has its own authority, keys, peer and private store".to_owned(),
        ]
    }
}

impl Render for TrustWritten {
    fn lines(&self) -> Vec<String> {
        let (name, file, fingerprint) = (&self.name, &self.trust, self.fingerprint);
        vec![
            format!("trust file of {name}: {file}"),
            format!("  fingerprint {fingerprint}: compare it over another way than the file came"),
        ]
    }
}
