//! What is secret in a home must be its owner's alone: looked at whenever a home is opened.

use crate::home::Home;
use medveil_custody::{CustodyError, check_folder, check_private};
use std::path::Path;

/// A home that is there must be its owner's alone, with all of its folders that hold secrets and
/// every secret file in them.
///
/// **Errors**: others have any right on one of them.
pub(crate) fn check(home: &Home) -> Result<(), CustodyError> {
    match check_folder(home.root()) {
        Err(e) if e.is_not_found() => return Ok(()),
        checked => checked?,
    }
    for folder in [home.ledger(), home.organisations(), home.root().join("msp")] {
        check_private(&folder, &is_public)?;
    }
    // Files for others: folders alone are looked at.
    for folder in [home.outbox(), home.root().join("files")] {
        check_private(&folder, &|_| true)?;
    }
    Ok(())
}

/// Certificates, the chain that all members have, and locks, which are empty.
fn is_public(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".pem") || name.ends_with("lock") || name == "chain"
}
