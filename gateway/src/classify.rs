//! Errors sorted by what the caller can do about them.
//!
//! Each boundary has an error enum of its own with its sources, and says its [`Kind`]. Words, exit
//! codes and JSON are made of that in one place, `cli::error`.

use medveil_audit::AuditError;
use medveil_bundle::BundleError;
use medveil_contract::Code;
use medveil_custody::CustodyError;
use medveil_embedded::OpenError;
use medveil_ledger::LedgerError;
use medveil_prover::KeyStoreError;
use serde_json::Value;
use std::error::Error;

/// What the caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A fault of this program or its machine.
    Internal,
    /// Bad usage or bad input.
    Input,
    /// Refused by a statement, the contract or the verifier.
    Refused,
    /// Something named does not exist or cannot be reached.
    NotFound,
    /// Another process holds what is needed, and went on holding it.
    Locked,
    /// The place cannot be written to.
    ReadOnly,
    /// What was asked is over for now; the error says when it can be asked again.
    Over,
}

/// An error that knows what the caller can do about it.
pub trait Classify: std::error::Error {
    fn kind(&self) -> Kind;

    /// The ledger's error, when that is the reason: transaction id, verdict, the contract's code.
    fn ledger(&self) -> Option<&LedgerError> {
        None
    }

    /// The answer behind a refusal, as JSON, where there is one.
    fn answer(&self) -> Option<Value> {
        None
    }
}

/// What the system says of a file, for the caller.
pub fn kind_of_io(error: &std::io::Error) -> Kind {
    use std::io::ErrorKind as Io;
    match error.kind() {
        Io::NotFound => Kind::NotFound,
        Io::ReadOnlyFilesystem | Io::PermissionDenied => Kind::ReadOnly,
        Io::WouldBlock | Io::ResourceBusy => Kind::Locked,
        Io::InvalidData | Io::IsADirectory | Io::NotADirectory | Io::InvalidInput => Kind::Input,
        _ => Kind::Internal,
    }
}

/// What the system said, where that stands somewhere behind an error.
fn system_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a std::io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// What a ledger's files say when they cannot be opened.
pub fn kind_of_open(error: &OpenError) -> Kind {
    match error {
        OpenError::InUse(_) => Kind::Locked,
        OpenError::Presence { .. } => Kind::NotFound,
        other => system_error(other).map_or(Kind::Internal, kind_of_io),
    }
}

fn kind_of_reading(error: &(dyn Error + 'static)) -> Kind {
    match error.downcast_ref::<OpenError>() {
        Some(error) => kind_of_open(error),
        None => system_error(error).map_or(Kind::Internal, kind_of_io),
    }
}

impl Classify for LedgerError {
    fn kind(&self) -> Kind {
        match self {
            LedgerError::Refused { error, .. } => match error.code() {
                Code::BadInput | Code::TooLarge => Kind::Input,
                Code::NotFound => Kind::NotFound,
                Code::Internal => Kind::Internal,
                Code::Forbidden
                | Code::Conflict
                | Code::Stale
                | Code::TickFirst
                | Code::Refused
                | Code::Busy => Kind::Refused,
            },
            LedgerError::Lost { .. } => Kind::Internal,
            LedgerError::Read(source) => kind_of_reading(source.as_ref()),
            LedgerError::Unreachable(_) | LedgerError::NotFound { .. } => Kind::NotFound,
            LedgerError::InUse(_) => Kind::Locked,
            LedgerError::Identity(_) => Kind::Input,
            LedgerError::Endorse { .. }
            | LedgerError::Endorsers { .. }
            | LedgerError::NonMember { .. }
            | LedgerError::Mismatch { .. }
            | LedgerError::NotOrdered { .. }
            | LedgerError::Invalid { .. }
            | LedgerError::Foreign { .. } => Kind::Refused,
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        Some(self)
    }
}

impl Classify for KeyStoreError {
    fn kind(&self) -> Kind {
        match self {
            KeyStoreError::Io { source, .. } => kind_of_io(source),
            KeyStoreError::Missing { .. } => Kind::NotFound,
            KeyStoreError::Damaged { .. } | KeyStoreError::Key(_) => Kind::Internal,
        }
    }
}

impl Classify for CustodyError {
    fn kind(&self) -> Kind {
        match self {
            e if e.is_not_found() => Kind::NotFound,
            CustodyError::Io { source, .. } => kind_of_io(source),
            CustodyError::Primitive => Kind::Internal,
            CustodyError::Mode { .. }
            | CustodyError::NotAFile(_)
            | CustodyError::TooLong { .. }
            | CustodyError::Exists(_)
            | CustodyError::NoTerminal { .. }
            | CustodyError::Passphrase(_)
            | CustodyError::Locked(_)
            | CustodyError::Changed(_)
            | CustodyError::Format { .. }
            | CustodyError::Name => Kind::Input,
        }
    }
}

impl Classify for BundleError {
    fn kind(&self) -> Kind {
        match self {
            BundleError::Io { source, .. } => kind_of_io(source),
            BundleError::Refused { .. } | BundleError::Stage { .. } => Kind::Refused,
            BundleError::TooLong { .. }
            | BundleError::Form { .. }
            | BundleError::Expected { .. }
            | BundleError::NotCanonical { .. }
            | BundleError::Key(_)
            | BundleError::Consortium(_)
            | BundleError::Name(_)
            | BundleError::Msp(_) => Kind::Input,
        }
    }
}

impl Classify for AuditError {
    fn kind(&self) -> Kind {
        match self {
            AuditError::Open(e) => kind_of_open(e),
            AuditError::Ledger(e) => e.kind(),
            AuditError::NoAuditor => Kind::Input,
            AuditError::Chain(_) | AuditError::Genesis(_) | AuditError::Members(_) => Kind::Refused,
            AuditError::Anchor { .. } => Kind::Refused,
            AuditError::Contract(_) | AuditError::Stopped(_) => Kind::Internal,
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            AuditError::Ledger(e) => Some(e),
            AuditError::Open(_)
            | AuditError::NoAuditor
            | AuditError::Chain(_)
            | AuditError::Genesis(_)
            | AuditError::Members(_)
            | AuditError::Anchor { .. }
            | AuditError::Contract(_)
            | AuditError::Stopped(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_ledger_that_is_not_there_is_not_found_and_one_that_is_write_protected_is_read_only() {
        let missing = || OpenError::Presence {
            path: PathBuf::from("ledger"),
            expected: "an existing ledger",
        };
        let protected = || OpenError::Io {
            path: PathBuf::from("ledger/lock"),
            source: std::io::ErrorKind::PermissionDenied.into(),
        };
        for (error, kind) in [
            (missing as fn() -> OpenError, Kind::NotFound),
            (protected, Kind::ReadOnly),
        ] {
            assert_eq!(kind_of_open(&error()), kind);
            assert_eq!(LedgerError::read(error()).kind(), kind);
            assert_eq!(AuditError::Open(error()).kind(), kind);
        }
    }
}
