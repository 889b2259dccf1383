use super::*;
use std::io::{Error as IoError, ErrorKind as Io};
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from("ledger/file")
}

/// What the system can say, and what a caller makes of it.
const SAID: &[(Io, Kind)] = &[
    (Io::NotFound, Kind::NotFound),
    (Io::ConnectionRefused, Kind::NotFound),
    (Io::TimedOut, Kind::NotFound),
    (Io::PermissionDenied, Kind::NoPermission),
    (Io::ReadOnlyFilesystem, Kind::NoPermission),
    (Io::WouldBlock, Kind::Locked),
    (Io::ResourceBusy, Kind::Locked),
    (Io::AddrInUse, Kind::Locked),
    (Io::StorageFull, Kind::NoSpace),
    (Io::QuotaExceeded, Kind::NoSpace),
    (Io::FileTooLarge, Kind::NoSpace),
    (Io::AlreadyExists, Kind::Input),
    (Io::IsADirectory, Kind::Input),
    (Io::NotADirectory, Kind::Input),
    (Io::InvalidFilename, Kind::Input),
    (Io::BrokenPipe, Kind::Interrupted),
    (Io::Interrupted, Kind::Interrupted),
    (Io::OutOfMemory, Kind::Internal),
];

#[test]
fn what_the_system_says_is_told_wherever_it_stands() {
    for (said, kind) in SAID {
        let io = || IoError::from(*said);
        assert_eq!(kind_of_io(&io()), *kind, "{said}");
        let custody = || CustodyError::Io {
            action: "write",
            path: path(),
            source: io(),
        };
        let chain = || ChainError::Io {
            path: path(),
            action: "append",
            source: io(),
        };
        let errors: [(&str, Kind); 9] = [
            ("custody", custody().kind()),
            (
                "open",
                kind_of_open(&OpenError::Io {
                    path: path(),
                    source: io(),
                }),
            ),
            ("open, custody", kind_of_open(&custody().into())),
            ("open, chain", kind_of_open(&chain().into())),
            (
                "ledger, open",
                LedgerError::read(OpenError::from(chain())).kind(),
            ),
            ("ledger, lost", lost(chain()).kind()),
            ("audit", AuditError::Open(chain().into()).kind()),
            (
                "key store",
                KeyStoreError::Io {
                    path: path(),
                    source: io(),
                }
                .kind(),
            ),
            (
                "bundle",
                BundleError::Io {
                    what: "bundle",
                    path: path(),
                    source: io(),
                }
                .kind(),
            ),
        ];
        for (what, got) in errors {
            // What this program keeps is a plain file.
            let is_own = !matches!(what, "custody" | "open, custody" | "bundle");
            let is_folder = matches!(said, Io::IsADirectory | Io::NotADirectory);
            let kind = if is_own && is_folder {
                Kind::Damaged
            } else {
                *kind
            };
            assert_eq!(got, kind, "{said} in {what}");
        }
    }
}

fn lost(source: ChainError) -> LedgerError {
    LedgerError::Lost {
        tx_id: "ab".to_owned(),
        source: Box::new(source),
    }
}

#[test]
fn the_systems_own_numbers_are_known() {
    // ENOENT, EACCES, EROFS, EPERM, ENOSPC, EDQUOT, EAGAIN, EBUSY, EEXIST, EPIPE, ELOOP, ENXIO of
    // Linux.
    for (number, kind) in [
        (2, Kind::NotFound),
        (13, Kind::NoPermission),
        (30, Kind::NoPermission),
        (1, Kind::NoPermission),
        (28, Kind::NoSpace),
        (122, Kind::NoSpace),
        (11, Kind::Locked),
        (16, Kind::Locked),
        (17, Kind::Input),
        (32, Kind::Interrupted),
        (40, Kind::Input),
        (6, Kind::Input),
    ] {
        assert_eq!(
            kind_of_io(&IoError::from_raw_os_error(number)),
            kind,
            "{number}"
        );
    }
}

#[test]
fn damage_is_told_as_damage_whoever_finds_it() {
    let damaged = || ChainError::Damaged {
        part: "block 3".to_owned(),
        what: "another checksum",
    };
    let store = || StoreError::Damaged("key".to_owned());
    let msp_id = || "HospitalA".parse_msp();
    let cut = IoError::from(Io::UnexpectedEof);
    let found = [
        kind_of_open(&damaged().into()),
        kind_of_open(&ChainError::Order(3).into()),
        kind_of_open(&OpenError::Store {
            msp_id: msp_id(),
            source: store(),
        }),
        kind_of_open(&OpenError::Diverged(3)),
        kind_of_open(&OpenError::Head {
            msp_id: msp_id(),
            number: 3,
            what: "ends before it",
        }),
        kind_of_open(&OpenError::CatchUp {
            msp_id: msp_id(),
            number: 3,
            source: store().into(),
        }),
        kind_of_open(&CustodyError::Changed(path()).into()),
        LedgerError::read(OpenError::from(damaged())).kind(),
        LedgerError::read(store()).kind(),
        lost(damaged()).kind(),
        kind_of_open(&OpenError::from(damaged()).with_advice()),
        kind_of_open(&OpenError::Gone(path()).with_advice()),
        AuditError::Open(damaged().into()).kind(),
        CustodyError::Format {
            path: path(),
            expected: "a vault",
        }
        .kind(),
        KeyStoreError::Damaged {
            path: path(),
            expected: "a key",
        }
        .kind(),
        kind_of_own_file(&cut),
    ];
    assert_eq!(found, [Kind::Damaged; 16]);
    // The same of a file of somebody else's is what was given.
    assert_eq!(kind_of_io(&cut), Kind::Input);
}

trait ParseMsp {
    fn parse_msp(&self) -> medveil_collections_config::MspId;
}

impl ParseMsp for str {
    fn parse_msp(&self) -> medveil_collections_config::MspId {
        medveil_collections_config::MspId::new(self).unwrap()
    }
}

#[test]
fn only_what_is_not_there_is_not_found() {
    let missing = || OpenError::Presence {
        path: path(),
        expected: "an existing ledger",
    };
    let kinds = [
        kind_of_open(&missing()),
        LedgerError::read(missing()).kind(),
        AuditError::Open(missing()).kind(),
        LedgerError::Unreachable("connection refused".into()).kind(),
        LedgerError::NotFound {
            what: "block 7".to_owned(),
        }
        .kind(),
    ];
    assert_eq!(kinds, [Kind::NotFound; 5]);
    let in_use = [
        kind_of_open(&OpenError::InUse(path())),
        LedgerError::InUse(path()).kind(),
        LedgerError::read(OpenError::InUse(path())).kind(),
    ];
    assert_eq!(in_use, [Kind::Locked; 3]);
    assert_eq!(kind_of_open(&OpenError::Occupied(path())), Kind::Input);
}

#[test]
fn every_code_of_the_contract_is_told() {
    use medveil_contract::ContractError;
    for code in Code::ALL {
        let refused = LedgerError::Refused {
            tx_id: "ab".to_owned(),
            peer: "HospitalA".parse_msp(),
            error: ContractError::new(*code, "stage", "words"),
        };
        let expected = match code {
            Code::BadInput | Code::TooLarge => Kind::Input,
            Code::NotFound => Kind::NotFound,
            Code::Internal => Kind::Internal,
            _ => Kind::Refused,
        };
        assert_eq!(refused.kind(), expected, "{}", code.as_str());
    }
}
