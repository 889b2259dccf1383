//! Founding a consortium in words.

use super::{Render, list};
use crate::journey::consortium::{ConsortiumFounded, TrustWritten};

impl Render for ConsortiumFounded {
    fn lines(&self) -> Vec<String> {
        vec![
            format!("consortium of {}", list(&self.members)),
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
