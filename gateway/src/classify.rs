//! Errors sorted by what the caller can do about them.
//!
//! Each boundary has an error enum of its own with its sources, and says its [`Kind`]. Words, exit
//! codes and JSON are made of that in one place, `cli::error`.

use medveil_audit::AuditError;
use medveil_bundle::BundleError;
use medveil_contract::Code;
use medveil_custody::{CustodyError, is_no_file, is_other_form};
use medveil_embedded::{ChainError, OpenError, StoreError};
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
    /// The system does not let this user read or write a place.
    NoPermission,
    /// What was asked is over for now; the error says when it can be asked again.
    Over,
    /// What this program keeps is not as it wrote it.
    Damaged,
    /// There is no room left where something is to be written.
    NoSpace,
    /// It was ended before its time, by a signal or by whoever reads its output.
    Interrupted,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Internal,
        Kind::Input,
        Kind::Refused,
        Kind::NotFound,
        Kind::Locked,
        Kind::NoPermission,
        Kind::Over,
        Kind::Damaged,
        Kind::NoSpace,
        Kind::Interrupted,
    ];
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

/// What the system says, for the caller; none where it says nothing that the caller can use.
fn known_kind_of_io(error: &std::io::Error) -> Option<Kind> {
    use std::io::ErrorKind as Io;
    Some(match error.kind() {
        Io::NotFound
        | Io::AddrNotAvailable
        | Io::ConnectionAborted
        | Io::ConnectionRefused
        | Io::ConnectionReset
        | Io::HostUnreachable
        | Io::NetworkDown
        | Io::NetworkUnreachable
        | Io::NotConnected
        | Io::TimedOut => Kind::NotFound,
        Io::PermissionDenied | Io::ReadOnlyFilesystem => Kind::NoPermission,
        Io::AddrInUse | Io::ExecutableFileBusy | Io::ResourceBusy | Io::WouldBlock => Kind::Locked,
        Io::FileTooLarge | Io::QuotaExceeded | Io::StorageFull | Io::WriteZero => Kind::NoSpace,
        Io::AlreadyExists
        | Io::InvalidData
        | Io::InvalidFilename
        | Io::InvalidInput
        | Io::IsADirectory
        | Io::NotADirectory
        | Io::UnexpectedEof => Kind::Input,
        // Whoever read it went away.
        Io::BrokenPipe | Io::Interrupted => Kind::Interrupted,
        _ if is_no_file(error) => Kind::Input,
        _ => return None,
    })
}

/// What the system says of a file, for the caller.
pub fn kind_of_io(error: &std::io::Error) -> Kind {
    known_kind_of_io(error).unwrap_or(Kind::Internal)
}

/// As [`kind_of_io`], of a file that nobody but this program writes: another form is damage.
pub fn kind_of_own_file(error: &std::io::Error) -> Kind {
    match is_other_form(error) {
        true => Kind::Damaged,
        false => kind_of_io(error),
    }
}

/// What stands behind an error: what the system or a store said, the outermost of it; `otherwise`
/// where neither stands there.
pub fn kind_behind(error: &(dyn Error + 'static), otherwise: Kind) -> Kind {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(kind) = kind_of_one(error) {
            return kind;
        }
        next = error.source();
    }
    otherwise
}

fn kind_of_one(error: &(dyn Error + 'static)) -> Option<Kind> {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return known_kind_of_io(error);
    }
    if let Some(error) = error.downcast_ref::<OpenError>() {
        return Some(kind_of_open(error));
    }
    if let Some(error) = error.downcast_ref::<ChainError>() {
        return kind_of_chain(error);
    }
    if let Some(error @ (CustodyError::NoHash(_) | CustodyError::Damaged(_))) =
        error.downcast_ref::<CustodyError>()
    {
        return Some(error.kind());
    }
    error.downcast_ref::<StoreError>().map(kind_of_store)
}

/// What a ledger's files say when they cannot be opened.
pub fn kind_of_open(error: &OpenError) -> Kind {
    match error {
        OpenError::InUse(_) => Kind::Locked,
        OpenError::Presence { .. } => Kind::NotFound,
        OpenError::Occupied(_) => Kind::Input,
        OpenError::Io { source, .. } => kind_of_own_file(source),
        OpenError::Custody(error) => match error {
            CustodyError::NotAFile(_) | CustodyError::TooLong { .. } => Kind::Damaged,
            other => other.kind(),
        },
        OpenError::Chain(error) => kind_of_chain(error).unwrap_or(Kind::Internal),
        OpenError::Store { source, .. } => kind_of_store(source),
        OpenError::CatchUp { source, .. } => kind_behind(source, Kind::Damaged),
        OpenError::Genesis(_)
        | OpenError::Peer { .. }
        | OpenError::Head { .. }
        | OpenError::Unsigned(_)
        | OpenError::Gone(_)
        | OpenError::Authority(_)
        | OpenError::Behind { .. }
        | OpenError::Damage(_)
        | OpenError::Diverged(_) => Kind::Damaged,
        OpenError::Contract(..) => Kind::Internal,
    }
}

fn kind_of_chain(error: &ChainError) -> Option<Kind> {
    match error {
        ChainError::Io { source, .. } => Some(kind_of_own_file(source)),
        ChainError::Damaged { .. } | ChainError::Order(_) => Some(Kind::Damaged),
        ChainError::Stopped(_) => None,
    }
}

fn kind_of_store(error: &StoreError) -> Kind {
    match error.system() {
        Some(error) => kind_of_own_file(error),
        None if error.is_in_use() => Kind::Locked,
        None if error.is_damage() => Kind::Damaged,
        None => Kind::Internal,
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
            LedgerError::Lost { source, .. } | LedgerError::Read(source) => {
                kind_behind(source.as_ref(), Kind::Internal)
            }
            LedgerError::Endorse { source, .. } | LedgerError::NotOrdered { source, .. } => {
                kind_behind(source.as_ref(), Kind::Refused)
            }
            LedgerError::Unreachable(_) | LedgerError::NotFound { .. } => Kind::NotFound,
            LedgerError::InUse(_) => Kind::Locked,
            LedgerError::Identity(_) => Kind::Input,
            LedgerError::Endorsers { .. }
            | LedgerError::NonMember { .. }
            | LedgerError::Mismatch { .. }
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
            KeyStoreError::Io { source, .. } => kind_of_own_file(source),
            KeyStoreError::Missing { .. } | KeyStoreError::Earlier { .. } => Kind::NotFound,
            KeyStoreError::Size { .. } => Kind::Input,
            KeyStoreError::Damaged { .. }
            | KeyStoreError::Format { .. }
            | KeyStoreError::Key(_) => Kind::Damaged,
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
            | CustodyError::FolderMode { .. }
            | CustodyError::NotAFolder(_)
            | CustodyError::NotAFile(_)
            | CustodyError::TooLong { .. }
            | CustodyError::Exists(_)
            | CustodyError::NoTerminal { .. }
            | CustodyError::Passphrase(_)
            | CustodyError::Locked(_)
            | CustodyError::Name => Kind::Input,
            CustodyError::Changed(_)
            | CustodyError::Format { .. }
            | CustodyError::NoHash(_)
            | CustodyError::Damaged(_) => Kind::Damaged,
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
            AuditError::Members(_) | AuditError::Anchor { .. } => Kind::Refused,
            AuditError::Contract(_) | AuditError::Stopped(_) => Kind::Internal,
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            AuditError::Ledger(e) => Some(e),
            AuditError::Open(_)
            | AuditError::NoAuditor
            | AuditError::Members(_)
            | AuditError::Anchor { .. }
            | AuditError::Contract(_)
            | AuditError::Stopped(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
