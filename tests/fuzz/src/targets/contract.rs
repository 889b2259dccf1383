//! What the contract reads: calls, queries, private arguments, creators, and its own entries; and
//! what clients read of it.

use crate::target::{Form, Reading, Target, parts, same_bytes, text};
use borsh::BorshDeserialize;
use medveil_circuits::handover::HandoverPackage;
use medveil_contract::call::transient::{PagesPart, SealedRequest, StoredChunk};
use medveil_contract::call::{Call, Parties, Query};
use medveil_contract::identity::Caller;
use medveil_contract::judge::pages::check_chunk;
use medveil_contract::judge::reading::check as check_reading;
use medveil_contract::model::{self, Entry};
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{Bench, msp, sharing};
use medveil_contract::{ContractError, StateKey};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

pub(super) const TARGETS: &[Target] = &[
    Target::new("call", Form::Borsh, call).with_words(Call::NAMES),
    Target::new("query", Form::Text, query).with_words(Query::NAMES),
    Target::new("refusal", Form::Text, refusal).with_words(&["bad_input: ", "stale: ", "busy: "]),
    Target::new("entry", Form::Borsh, entry).with_words(ENTRIES),
    Target::new("pages", Form::Borsh, pages),
    Target::new("sealed_request", Form::Borsh, sealed_request),
    Target::new("package", Form::Borsh, package),
    Target::new("creator", Form::Protobuf, creator),
    Target::new("contract", Form::Borsh, contract).with_words(Call::NAMES),
];

/// A first line and what follows it.
fn split_name(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input
        .iter()
        .position(|b| *b == b'\n')
        .unwrap_or(input.len());
    let (name, body) = input.split_at(end);
    (name, body.get(1..).unwrap_or_default())
}

/// The name of the call, a new line, its arguments in borsh.
fn call(input: &[u8]) -> Reading {
    let (name, body) = split_name(input);
    let args = [name.to_vec(), body.to_vec()];
    match Call::from_args(&args) {
        Ok(call) => {
            let again = call.to_args();
            same_bytes("name of a call", &args[0], &again[0]);
            same_bytes("call", &args[1], &again[1]);
            let _ = call.endorsement(&Parties::default());
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

/// One argument a line.
fn query(input: &[u8]) -> Reading {
    let args: Vec<Vec<u8>> = input.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    match Query::from_args(&args) {
        Ok(query) => {
            let again = Query::from_args(&query.to_args());
            assert_eq!(again.as_ref(), Ok(&query), "a query is read back as it was");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn refusal(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match ContractError::parse(text) {
        Some(error) => {
            let printed = error.to_string();
            assert!(
                ContractError::parse(&printed).is_some(),
                "it prints what it reads"
            );
            Reading::Read
        }
        None => Reading::refused("no refusal"),
    }
}

macro_rules! entries {
    ($($ty:ident)*) => {
        const ENTRIES: &[&str] = &[$(stringify!($ty)),*];

        fn read_entry(name: &str, bytes: &[u8]) -> Reading {
            match name {
                $(stringify!($ty) => read_as::<model::$ty>(bytes),)*
                "StoredChunk" => read_as::<StoredChunk>(bytes),
                "SealedRequest" => read_as::<SealedRequest>(bytes),
                _ => Reading::refused("no entry of this name"),
            }
        }
    };
}

entries! {
    DayEntry TickVote CircuitEntry Approval ActiveCircuit RegistryHead IssuerEntry KnownIssuer
    LeafBatch PastRoot RegistryBudget RetireVote RevokedBatch PolicyEntry PolicyDocumentEntry
    PublishedKey LineageEntry DatasetEntry
    DatasetSchema ChunkRootBatch Known RequestEntry RequestIndex NamedDataset Vote Delivery
    ClaimEntry
}

fn read_as<T: Entry>(bytes: &[u8]) -> Reading {
    match T::from_entry_bytes(bytes) {
        Ok(entry) => {
            same_bytes(T::NAME, bytes, &entry.to_entry_bytes());
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

/// The name of the entry's type, a new line, the entry's bytes; or a key of the state alone.
fn entry(input: &[u8]) -> Reading {
    let (name, body) = split_name(input);
    let name = match text(name) {
        Ok(name) => name,
        Err(reading) => return reading,
    };
    match name.strip_prefix("key ") {
        Some(key) => {
            let key = StateKey::parse(key);
            Reading::of(key.map(|key| assert_eq!(StateKey::parse(key.as_str()), Ok(key.clone()))))
        }
        None => read_entry(name, body),
    }
}

fn sealed_request(input: &[u8]) -> Reading {
    match SealedRequest::try_from_slice(input) {
        Ok(sealed) => {
            let again = borsh::to_vec(&sealed).unwrap_or_default();
            same_bytes("sealed request", input, &again);
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn pages(input: &[u8]) -> Reading {
    let part = match PagesPart::try_from_slice(input) {
        Ok(part) => part,
        Err(error) => return Reading::refused(error),
    };
    same_bytes("pages", input, &borsh::to_vec(&part).unwrap_or_default());
    let schema = &crate::fixture::SCHEMA;
    let layout = medveil_circuits::dataset::layout(schema);
    let root = medveil_circuits::field::Felt::ZERO;
    for chunk in &part.chunks {
        // Roots never fit here; a chunk of the right root is judged in target `contract`.
        let _ = check_chunk(chunk, &layout, sharing::TIER, root);
        let (at, reading) = (chunk.chunk, chunk.reading.as_ref());
        let _ = check_reading(
            at,
            reading,
            schema,
            medveil_circuits::field::Digest([0; 32]),
        );
    }
    Reading::Read
}

fn package(input: &[u8]) -> Reading {
    match HandoverPackage::try_from_slice(input) {
        Ok(package) => {
            same_bytes(
                "package",
                input,
                &borsh::to_vec(&package).unwrap_or_default(),
            );
            let _ = package.digest();
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn creator(input: &[u8]) -> Reading {
    Reading::of(Caller::from_creator(input))
}

/// A ledger with a dataset under a policy, and a request that was granted.
static BENCH: LazyLock<Mutex<Bench>> = LazyLock::new(|| {
    let mut access = Access::new();
    access.granted(1);
    Mutex::new(access.bench)
});

/// Two bytes for caller and peer, a private argument of a length, then as `call` or `query`: the whole
/// contract over a ledger in memory, which stays as it is.
fn contract(input: &[u8]) -> Reading {
    const ORGS: [&str; 3] = [HOSPITAL, UNIVERSITY, BOARD];
    let Some((who, rest)) = input.split_first_chunk::<2>() else {
        return Reading::refused("no caller");
    };
    let [caller, peer] = who.map(|byte| msp(ORGS[usize::from(byte) % ORGS.len()]));
    let [private, rest] = parts(rest);
    let (name, body) = split_name(rest);
    let mut bench = BENCH.lock().unwrap_or_else(PoisonError::into_inner);
    if !Call::is_transaction(name) {
        let lines: Vec<Vec<u8>> = rest.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        return match Query::from_args(&lines) {
            Ok(query) => Reading::of(bench.evaluate(&caller, &peer, &query)),
            Err(error) => Reading::refused(error),
        };
    }
    let args = [name.to_vec(), body.to_vec()];
    let call = match Call::from_args(&args) {
        Ok(call) => call,
        Err(error) => return Reading::refused(error),
    };
    let transient = call
        .transient_name()
        .map(|name| (name.to_owned(), private.to_vec()));
    let tx = bench.context(&caller, call.role(), &peer, BTreeMap::from_iter(transient));
    match bench.contracts.get(&peer) {
        Some(contract) => Reading::of(bench.world.simulate(contract, tx, &args)),
        None => Reading::refused("no such peer"),
    }
}
