//! Queries: read-only, arguments as plain text, answers as JSON.

use crate::error::{Code, ContractError, Refuse, require};
use circuits::field::{Digest, Felt};
use circuits::ids::{DatasetRoot, LineageId, Nullifier, RequestId, SegmentId};
use collections_config::MspId;
use std::str::FromStr;

const MAX_ARGUMENT: usize = 512;

/// A query. Lists take a bookmark, empty for the first page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Contract build, configuration digests, caps.
    GetMetadata,
    /// Consortium file and id.
    GetConsortium,
    /// Current day and which days a proof may name.
    GetDay,
    /// All verifying keys.
    ListCircuits {
        /// Where to go on.
        bookmark: String,
    },
    /// One verifying key with its bytes.
    GetCircuit {
        /// Its digest.
        key: Digest,
    },
    /// Which key a circuit uses now.
    GetActiveCircuit {
        /// Name and version.
        circuit: String,
    },
    /// Registry root and every issuer.
    GetRegistry,
    /// Revoked indices of one issuer, in order of insertion.
    GetRevocations {
        /// The issuer's place.
        issuer: u16,
        /// Where to go on.
        bookmark: String,
    },
    /// Policies of a lineage.
    GetPolicy {
        /// The lineage.
        lineage: LineageId,
    },
    /// Everything public that a proof of eligibility needs, but for revocations.
    AccessContext {
        /// The lineage.
        lineage: LineageId,
    },
    /// One version with its schema.
    GetDataset {
        /// Its root.
        dataset: DatasetRoot,
    },
    /// The versions of a lineage.
    GetLineage {
        /// The lineage.
        lineage: LineageId,
    },
    /// All lineages.
    ListDatasets {
        /// Where to go on.
        bookmark: String,
    },
    /// Chunk roots of a version.
    GetChunkRoots {
        /// Its root.
        dataset: DatasetRoot,
        /// Where to go on.
        bookmark: String,
    },
    /// Private: encrypted pages of one chunk.
    ReadPages {
        /// The version.
        dataset: DatasetRoot,
        /// The chunk.
        chunk: u32,
        /// From the recipient's implicit collection of this grant.
        grant: Option<RequestId>,
    },
    /// Private: wrapped slot keys of one segment.
    ReadKey {
        /// The grant.
        grant: RequestId,
        /// The segment.
        segment: SegmentId,
        /// Digest of the package; none takes the confirmed one.
        digest: Option<Felt>,
    },
    /// Private: the sealed letter of a request.
    ReadLetter {
        /// The request.
        request: RequestId,
    },
    /// One request with its votes and deliveries.
    GetRequest {
        /// The request.
        request: RequestId,
    },
    /// The request that a nullifier made.
    GetRequestByNullifier {
        /// The nullifier.
        nullifier: Nullifier,
    },
    /// All requests.
    ListRequests {
        /// Where to go on.
        bookmark: String,
    },
    /// One claim.
    GetClaim {
        /// Its id.
        claim: Felt,
    },
    /// All claims.
    ListClaims {
        /// Where to go on.
        bookmark: String,
    },
    /// An organisation's key for sealed letters.
    GetPublishedKey {
        /// The organisation.
        msp: MspId,
    },
}

/// Each variant's name is the query's name.
macro_rules! names {
    ($($name:ident)*) => {
        impl Query {
            /// The names of all queries.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// The query's name.
            pub fn function_name(&self) -> &'static str {
                match self { $(Query::$name { .. } => stringify!($name),)* }
            }
        }
    };
}

names! {
    GetMetadata
    GetConsortium
    GetDay
    ListCircuits
    GetCircuit
    GetActiveCircuit
    GetRegistry
    GetRevocations
    GetPolicy
    AccessContext
    GetDataset
    GetLineage
    ListDatasets
    GetChunkRoots
    ReadPages
    ReadKey
    ReadLetter
    GetRequest
    GetRequestByNullifier
    ListRequests
    GetClaim
    ListClaims
    GetPublishedKey
}

impl Query {
    /// Most entries of one page of a list.
    pub const PAGE_SIZE: u32 = 100;

    /// The arguments as they go into a proposal.
    pub fn to_args(&self) -> Vec<Vec<u8>> {
        let optional = |value: Option<String>| value.unwrap_or_default();
        let rest: Vec<String> = match self {
            Query::GetMetadata | Query::GetConsortium | Query::GetDay | Query::GetRegistry => {
                vec![]
            }
            Query::ListCircuits { bookmark }
            | Query::ListDatasets { bookmark }
            | Query::ListRequests { bookmark }
            | Query::ListClaims { bookmark } => vec![bookmark.clone()],
            Query::GetCircuit { key } => vec![key.to_hex()],
            Query::GetActiveCircuit { circuit } => vec![circuit.clone()],
            Query::GetRevocations { issuer, bookmark } => {
                vec![issuer.to_string(), bookmark.clone()]
            }
            Query::GetPolicy { lineage }
            | Query::AccessContext { lineage }
            | Query::GetLineage { lineage } => vec![lineage.to_string()],
            Query::GetDataset { dataset } => vec![dataset.to_string()],
            Query::GetChunkRoots { dataset, bookmark } => {
                vec![dataset.to_string(), bookmark.clone()]
            }
            Query::ReadPages {
                dataset,
                chunk,
                grant,
            } => {
                vec![
                    dataset.to_string(),
                    chunk.to_string(),
                    optional(grant.map(|g| g.to_string())),
                ]
            }
            Query::ReadKey {
                grant,
                segment,
                digest,
            } => {
                vec![
                    grant.to_string(),
                    segment.to_string(),
                    optional(digest.map(|d| d.to_string())),
                ]
            }
            Query::ReadLetter { request } | Query::GetRequest { request } => {
                vec![request.to_string()]
            }
            Query::GetRequestByNullifier { nullifier } => vec![nullifier.to_string()],
            Query::GetClaim { claim } => vec![claim.to_string()],
            Query::GetPublishedKey { msp } => vec![msp.to_string()],
        };
        std::iter::once(self.function_name().to_owned())
            .chain(rest)
            .map(String::into_bytes)
            .collect()
    }

    /// Decodes the arguments of a query.
    ///
    /// **Errors**: an unknown name, a wrong number of arguments, or one that is not of its form.
    pub fn from_args(args: &[Vec<u8>]) -> Result<Query, ContractError> {
        let bad = |message: &str| ContractError::new(Code::BadInput, "arguments", message);
        let mut texts = Vec::with_capacity(args.len());
        require(
            args.len() <= 8,
            Code::BadInput,
            "arguments",
            format_args!("expected at most 8 arguments, got {}", args.len()),
        )?;
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
        decode(name, rest)
    }
}

fn part<T: FromStr>(text: &str, what: &'static str) -> Result<T, ContractError> {
    text.parse().map_err(|_| {
        ContractError::new(Code::BadInput, "arguments", format_args!("expected {what}"))
    })
}

fn optional<T: FromStr>(text: &str, what: &'static str) -> Result<Option<T>, ContractError> {
    if text.is_empty() {
        Ok(None)
    } else {
        part(text, what).map(Some)
    }
}

fn decode(name: &str, rest: &[&str]) -> Result<Query, ContractError> {
    let mark = |text: &str| text.to_owned();
    Ok(match (name, rest) {
        ("GetMetadata", []) => Query::GetMetadata,
        ("GetConsortium", []) => Query::GetConsortium,
        ("GetDay", []) => Query::GetDay,
        ("GetRegistry", []) => Query::GetRegistry,
        ("ListCircuits", [bookmark]) => Query::ListCircuits {
            bookmark: mark(bookmark),
        },
        ("GetCircuit", [key]) => Query::GetCircuit {
            key: Digest::from_hex(key).refuse(Code::BadInput, "arguments")?,
        },
        ("GetActiveCircuit", [circuit]) => Query::GetActiveCircuit {
            circuit: mark(circuit),
        },
        ("GetRevocations", [issuer, bookmark]) => Query::GetRevocations {
            issuer: part(issuer, "the place of an issuer")?,
            bookmark: mark(bookmark),
        },
        ("GetPolicy", [lineage]) => Query::GetPolicy {
            lineage: part(lineage, "a lineage id")?,
        },
        ("AccessContext", [lineage]) => Query::AccessContext {
            lineage: part(lineage, "a lineage id")?,
        },
        ("GetLineage", [lineage]) => Query::GetLineage {
            lineage: part(lineage, "a lineage id")?,
        },
        ("GetDataset", [dataset]) => Query::GetDataset {
            dataset: part(dataset, "a dataset root")?,
        },
        ("ListDatasets", [bookmark]) => Query::ListDatasets {
            bookmark: mark(bookmark),
        },
        ("GetChunkRoots", [dataset, bookmark]) => Query::GetChunkRoots {
            dataset: part(dataset, "a dataset root")?,
            bookmark: mark(bookmark),
        },
        ("ReadPages", [dataset, chunk, grant]) => Query::ReadPages {
            dataset: part(dataset, "a dataset root")?,
            chunk: part(chunk, "the index of a chunk")?,
            grant: optional(grant, "a request id or nothing")?,
        },
        ("ReadKey", [grant, segment, digest]) => Query::ReadKey {
            grant: part(grant, "a request id")?,
            segment: part(segment, "a segment id")?,
            digest: if digest.is_empty() {
                None
            } else {
                Some(Felt::from_hex(digest).refuse(Code::BadInput, "arguments")?)
            },
        },
        ("ReadLetter", [request]) => Query::ReadLetter {
            request: part(request, "a request id")?,
        },
        ("GetRequest", [request]) => Query::GetRequest {
            request: part(request, "a request id")?,
        },
        ("GetRequestByNullifier", [nullifier]) => Query::GetRequestByNullifier {
            nullifier: part(nullifier, "a nullifier")?,
        },
        ("ListRequests", [bookmark]) => Query::ListRequests {
            bookmark: mark(bookmark),
        },
        ("GetClaim", [claim]) => Query::GetClaim {
            claim: Felt::from_hex(claim).refuse(Code::BadInput, "arguments")?,
        },
        ("ListClaims", [bookmark]) => Query::ListClaims {
            bookmark: mark(bookmark),
        },
        ("GetPublishedKey", [msp]) => Query::GetPublishedKey {
            msp: part(msp, "an msp id")?,
        },
        _ => {
            return Err(ContractError::new(
                Code::BadInput,
                "arguments",
                "expected the name of a call and its arguments",
            ));
        }
    })
}
