//! Queries: read-only, arguments as plain text, answers as JSON.
//!
//! One table holds each query's name, arguments and reply. `Query` is what stands in a proposal;
//! for clients each query is also a type of its own in [`request`], which knows its reply.

use super::argument::Argument;
use super::reply::{self, Page};
use crate::error::{Code, ContractError, require};
use crate::model::{
    ActiveCircuit, CircuitEntry, ClaimEntry, LineageEntry, PolicyDocumentEntry, PublishedKey,
    RequestEntry,
};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, LineageId, Nullifier, RequestId, SegmentId};
use medveil_collections_config::MspId;
use serde::{Serialize, de::DeserializeOwned};

const MAX_ARGUMENT: usize = 512;

/// A query that knows the type of its reply.
pub trait Request: Sized {
    type Reply: Serialize + DeserializeOwned;

    /// The query as it goes into a proposal.
    fn query(self) -> Query;
}

/// A query whose answer comes in pages: a client asks again with each page's bookmark until it is
/// empty.
pub trait Paged: Request + Clone {
    type Item;

    /// The same query for the page that starts at a bookmark.
    fn at(&self, bookmark: String) -> Self;

    /// The reply as one page of its list.
    fn page(reply: Self::Reply) -> Page<Self::Item>;
}

/// A unit struct, or one with fields.
macro_rules! request_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name;
    };
    ($(#[$doc:meta])* $name:ident { $($fields:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($fields)* }
    };
}

macro_rules! queries {
    ($(
        $(#[$doc:meta])*
        $name:ident $({ $($(#[$arg_doc:meta])* $arg:ident: $ty:ty,)* })? -> $reply:ty;
    )*) => {
        /// A query. Lists take a bookmark, empty for the first page.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Query {
            $($(#[$doc])* $name $({ $($(#[$arg_doc])* $arg: $ty,)* })?,)*
        }

        impl Query {
            /// The names of all queries.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// The query's name.
            pub fn function_name(&self) -> &'static str {
                match self { $(Query::$name { .. } => stringify!($name),)* }
            }

            fn texts(&self) -> Vec<String> {
                match self {
                    $(Query::$name $({ $($arg),* })? => vec![$($($arg.to_text()),*)?],)*
                }
            }

            fn decode(name: &str, rest: &[&str]) -> Result<Query, ContractError> {
                match name {
                    $(stringify!($name) => {
                        let [$($($arg),*)?] = rest else { return Err(unknown()) };
                        Ok(Query::$name $({ $($arg: Argument::from_text($arg)?),* })?)
                    })*
                    _ => Err(unknown()),
                }
            }
        }

        /// Each query as a type of its own.
        pub mod request {
            use super::*;
            $(
                request_type! { $(#[$doc])* $name $({ $($(#[$arg_doc])* pub $arg: $ty,)* })? }

                impl Request for $name {
                    type Reply = $reply;

                    fn query(self) -> Query {
                        let $name $({ $($arg),* })? = self;
                        Query::$name $({ $($arg),* })?
                    }
                }
            )*
        }
    };
}

queries! {
    /// Contract build, configuration digests, caps.
    GetMetadata -> reply::Metadata;
    /// Consortium file and id.
    GetConsortium -> reply::ConsortiumFile;
    /// Current day and which days a proof may name.
    GetDay -> reply::CurrentDay;
    /// All verifying keys.
    ListCircuits { bookmark: String, } -> Page<reply::ListedCircuit>;
    /// One verifying key with its bytes.
    GetCircuit {
        key: Digest,
    } -> CircuitEntry;
    /// Which key a circuit uses now.
    GetActiveCircuit {
        /// Name and version.
        circuit: String,
    } -> ActiveCircuit;
    /// Registry root and every issuer.
    GetRegistry -> reply::Registry;
    /// Revoked indices of one issuer, in order of insertion.
    GetRevocations {
        /// The issuer's place.
        issuer: u16,
        bookmark: String,
    } -> reply::Revocations;
    /// Policies of a lineage.
    GetPolicy { lineage: LineageId, } -> reply::Policy;
    /// One policy of a lineage, in force or not.
    GetPolicyDocument { lineage: LineageId, document: Digest, } -> PolicyDocumentEntry;
    /// Everything public that a proof of eligibility needs, but for revocations.
    AccessContext { lineage: LineageId, } -> reply::AccessContext;
    /// One version with its schema.
    GetDataset { dataset: DatasetRoot, } -> reply::DatasetVersion;
    /// The versions of a lineage.
    GetLineage { lineage: LineageId, } -> LineageEntry;
    ListDatasets { bookmark: String, } -> Page<LineageEntry>;
    /// Chunk roots of a version.
    GetChunkRoots { dataset: DatasetRoot, bookmark: String, } -> reply::ChunkRoots;
    /// Private: encrypted pages of one chunk.
    ReadPages {
        dataset: DatasetRoot,
        /// The chunk's place in the version.
        chunk: u32,
        /// From the recipient's implicit collection of this grant.
        grant: Option<RequestId>,
    } -> reply::Pages;
    /// Digests of the stored pages of a version, as every peer knows them.
    GetStoredPages { dataset: DatasetRoot, bookmark: String, } -> reply::StoredPages;
    /// Digest of a handed over package, as every peer knows it.
    GetStoredHandover {
        grant: RequestId,
        segment: SegmentId,
        /// Digest of the package.
        digest: Felt,
    } -> reply::StoredHandover;
    /// Private: wrapped slot keys of one segment.
    ReadKey {
        grant: RequestId,
        segment: SegmentId,
        /// Digest of the package; none takes the confirmed one.
        digest: Option<Felt>,
    } -> reply::WrappedKeys;
    /// Private: the sealed body of a request, and its key for the caller's organisation.
    ReadRequest { request: RequestId, } -> reply::SealedBody;
    /// One request with its votes and deliveries.
    GetRequest { request: RequestId, } -> reply::RequestStatus;
    /// The request that a nullifier made.
    GetRequestByNullifier { nullifier: Nullifier, } -> reply::RequestStatus;
    ListRequests { bookmark: String, } -> Page<RequestEntry>;
    GetClaim { claim: Felt, } -> ClaimEntry;
    ListClaims { bookmark: String, } -> Page<ClaimEntry>;
    /// The newest dataset of a holder under a name.
    GetDatasetByName { holder: MspId, name: String, } -> LineageEntry;
    /// An organisation's key for sealed requests.
    GetPublishedKey { msp: MspId, } -> PublishedKey;
}

/// Queries in pages: the type of an entry and the reply's field that holds them.
macro_rules! paged {
    ($($name:ident => $item:ty, $entries:ident;)*) => {$(
        impl Paged for request::$name {
            type Item = $item;

            fn at(&self, bookmark: String) -> Self {
                let mut next = self.clone();
                next.bookmark = bookmark;
                next
            }

            fn page(reply: Self::Reply) -> Page<$item> {
                Page { entries: reply.$entries, bookmark: reply.bookmark }
            }
        }
    )*};
}

paged! {
    ListCircuits => reply::ListedCircuit, entries;
    GetRevocations => u64, values;
    ListDatasets => LineageEntry, entries;
    GetChunkRoots => Felt, roots;
    GetStoredPages => Option<Digest>, digests;
    ListRequests => RequestEntry, entries;
    ListClaims => ClaimEntry, entries;
}

fn unknown() -> ContractError {
    bad("expected the name of a call and its arguments")
}

fn bad(message: &str) -> ContractError {
    ContractError::new(Code::BadInput, "arguments", message)
}

impl Query {
    /// Most entries of one page of a list.
    pub const PAGE_SIZE: u32 = 100;

    /// The arguments as they go into a proposal.
    pub fn to_args(&self) -> Vec<Vec<u8>> {
        std::iter::once(self.function_name().to_owned())
            .chain(self.texts())
            .map(String::into_bytes)
            .collect()
    }

    /// Decodes the arguments of a query.
    ///
    /// **Errors**: an unknown name, a wrong number of arguments, or one that is not of its form.
    pub fn from_args(args: &[Vec<u8>]) -> Result<Query, ContractError> {
        let message = format_args!("expected at most 8 arguments, got {}", args.len());
        require(args.len() <= 8, Code::BadInput, "arguments", message)?;
        let mut texts = Vec::with_capacity(args.len());
        for arg in args {
            require(
                arg.len() <= MAX_ARGUMENT,
                Code::TooLarge,
                "arguments",
                "expected at most 512 bytes an argument",
            )?;
            texts.push(std::str::from_utf8(arg).map_err(|_| bad("expected arguments in utf-8"))?);
        }
        let (name, rest) = texts
            .split_first()
            .ok_or_else(|| bad("expected the name of a call"))?;
        Query::decode(name, rest)
    }
}
