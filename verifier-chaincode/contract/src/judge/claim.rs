//! Judges a claim: the query compiled anew, every chunk in its place, the hidden counts added up,
//! one final proof over the sum.
//!
//! Sound only whole. Stands here and nowhere else: page leaves lead to the registered chunk roots,
//! links join, the list of chunks is complete, and the sum of commitments is the verifier's own.

use super::registration::block_root;
use super::{JudgeError, KeyRing};
use crate::call::{BlockOpening, ClaimTerms, PublishClaim};
use crate::model::{ClaimEntry, DatasetEntry};
use medveil_circuits::babyjubjub::Point;
use medveil_circuits::claim::disclosure::Cohort;
use medveil_circuits::claim::{
    ClaimChunk, ClaimChunkPublic, ClaimFinal, ClaimFinalPublic, ContextParts, Terms,
    check_disclosure, context, first_link, total,
};
use medveil_circuits::dataset;
use medveil_circuits::field::{Digest, Felt, Fr};
use medveil_circuits::ids::{ConsortiumId, Day, QueryHash};
use medveil_circuits::proof::Proof;
use medveil_circuits::query::{self, Program, Query};
use medveil_circuits::schema::Schema;
use medveil_circuits::statement::Statement;
use medveil_circuits::verify::Batch;

/// What the ledger says about a claim, whatever is claimed.
#[derive(Clone, Copy)]
pub struct ClaimFacts<'a> {
    pub consortium: ConsortiumId,
    pub chaincode: &'a str,
    pub dataset: &'a DatasetEntry,
    /// Its canonical schema.
    pub schema: &'a str,
    /// The consortium's floor.
    pub floor: u32,
}

/// A claim's terms, compiled and allowed.
pub struct Stated {
    /// The compiled query.
    pub query: Query,
    /// Unit and threshold.
    pub terms: Terms,
    /// Subjects that the final proof must show.
    pub subject_floor: u64,
    /// What every proof of the claim is bound to; also the claim's id.
    pub context: Felt,
}

/// All instances of a claim.
pub struct Rebuilt {
    pub stated: Stated,
    /// One instance a chunk.
    pub chunks: Vec<ClaimChunkPublic>,
    pub last: ClaimFinalPublic,
}

/// The transaction that a claim is published by.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// Digests of the keys that its proofs were verified with: chunks, final.
    pub circuits: [Digest; 2],
    /// Day of the transaction.
    pub day: Day,
    pub tx_id: &'a str,
}

impl Rebuilt {
    /// What the ledger stores of the claim.
    ///
    /// **Errors**: arguments that have no bytes; none that were decoded are such.
    pub fn entry(
        &self,
        dataset: &DatasetEntry,
        args: &PublishClaim,
        tx: Published<'_>,
    ) -> Result<ClaimEntry, JudgeError> {
        let arguments = borsh::to_vec(args).map_err(|e| JudgeError::part("arguments", e))?;
        Ok(ClaimEntry {
            claim: self.stated.context,
            dataset: dataset.root,
            lineage: dataset.lineage,
            holder: dataset.holder.clone(),
            query: args.terms.query.clone(),
            query_hash: self.stated.query_hash(),
            unit: args.terms.unit,
            k: args.terms.k,
            subject_floor: self.stated.subject_floor,
            circuits: tx.circuits,
            arguments: Digest::of(&arguments),
            day: tx.day,
            tx_id: tx.tx_id.to_owned(),
        })
    }
}

impl Stated {
    /// Hash of the compiled query.
    pub fn query_hash(&self) -> QueryHash {
        self.query.hash()
    }
}

/// The circuits that prove claims over versions of this tier: chunks, final.
///
/// **Errors**: no such tier.
pub fn circuits_of(tier: u16) -> Result<[String; 2], JudgeError> {
    let last = ClaimFinal::CIRCUIT.to_string();
    match tier {
        16 => Ok([ClaimChunk::<16>::CIRCUIT.to_string(), last]),
        256 => Ok([ClaimChunk::<256>::CIRCUIT.to_string(), last]),
        other => Err(JudgeError::input(
            "tier",
            format_args!("expected 16 or 256 rows, got {other}"),
        )),
    }
}

/// Compiles the query and checks its text, floors and the grid.
///
/// **Errors**: a query that does not compile, a schema that is not the registered one, a claim that
/// may not be published.
pub fn state(facts: &ClaimFacts<'_>, claim: &ClaimTerms) -> Result<Stated, JudgeError> {
    let entry = facts.dataset;
    let schema = Schema::from_canonical(facts.schema.as_bytes())
        .map_err(|e| JudgeError::part("schema", e))?;
    if dataset::schema_hash(facts.schema.as_bytes()) != entry.schema_hash {
        return Err(JudgeError::input(
            "schema",
            "expected the registered schema",
        ));
    }
    require_plain(&claim.query)?;
    let query = query::compile(&claim.query, &schema, claim.unit)?;
    // What everybody reads is the program's own text.
    if query.text() != claim.query {
        let expected = format_args!("expected the text of the program, `{}`", query.text());
        return Err(JudgeError::input("query", expected));
    }
    let terms = Terms {
        unit: claim.unit,
        k: claim.k,
    };
    let cohort = Cohort {
        n_rows: entry.n_rows,
        n_subjects: entry.n_subjects,
    };
    let subject_floor = check_disclosure(terms, cohort, u64::from(facts.floor));
    let subject_floor = subject_floor.map_err(|e| JudgeError::part("disclosure", e))?;
    let parts = ContextParts {
        consortium: facts.consortium,
        chaincode: facts.chaincode,
        lineage: entry.lineage,
        dataset: entry.root,
        query: query.hash(),
        terms,
        subject_floor,
    };
    Ok(Stated {
        context: context(&parts),
        query,
        terms,
        subject_floor,
    })
}

/// That nothing in a text can be overlooked: printable ASCII with single blanks.
fn require_plain(text: &str) -> Result<(), JudgeError> {
    let is_plain = text.bytes().all(|b| (0x20..=0x7e).contains(&b)) && !text.contains("  ");
    match is_plain {
        true => Ok(()),
        false => Err(JudgeError::input(
            "query",
            "expected printable ASCII with single blanks",
        )),
    }
}

/// Rebuilds every instance of a claim over the complete list of registered chunk roots.
///
/// **Errors**: as [`state`]; chunks missing or too many, leaves that lead to other roots,
/// commitments off the curve.
pub fn rebuild(
    facts: &ClaimFacts<'_>,
    args: &PublishClaim,
    chunk_roots: &[Felt],
) -> Result<Rebuilt, JudgeError> {
    let entry = facts.dataset;
    let stated = state(facts, &args.terms)?;
    if chunk_roots.len() != entry.n_chunks as usize || args.chunks.len() != chunk_roots.len() {
        let message = format_args!(
            "expected all {} of the version, got {}",
            entry.n_chunks,
            args.chunks.len()
        );
        return Err(JudgeError::input("chunks", message));
    }
    let chunks = chunks(&stated, args, chunk_roots, usize::from(entry.n_blocks))?;
    let lanes: Vec<Point> = chunks.iter().map(|c| c.lane).collect();
    let last = ClaimFinalPublic {
        total: total(&lanes),
        unit: stated.terms.unit,
        k: stated.terms.k,
        subject_floor: stated.subject_floor,
        context: stated.context,
    };
    Ok(Rebuilt {
        stated,
        chunks,
        last,
    })
}

/// One instance a chunk, each linked to the next.
fn chunks(
    stated: &Stated,
    args: &PublishClaim,
    chunk_roots: &[Felt],
    n_blocks: usize,
) -> Result<Vec<ClaimChunkPublic>, JudgeError> {
    let (query, program) = (stated.query_hash(), stated.query.program());
    let mut link_in = first_link(query);
    let mut chunks = Vec::with_capacity(chunk_roots.len());
    for (index, (chunk, root)) in args.chunks.iter().zip(chunk_roots).enumerate() {
        let (flags_leaf, leaves) = open(index, &chunk.blocks, n_blocks, *root, program)?;
        let lane = Point {
            x: chunk.lane.x.0,
            y: chunk.lane.y.0,
        };
        if !lane.is_on_curve() {
            let message = format_args!("chunk {index}: expected a point of the curve");
            return Err(JudgeError::input("commitment", message));
        }
        chunks.push(ClaimChunkPublic {
            flags_leaf,
            leaves,
            link_in,
            link_out: chunk.link_out,
            lane,
            query,
            chunk_index: index as u64,
            context: stated.context,
        });
        link_in = chunk.link_out;
    }
    Ok(chunks)
}

/// The leaves that the query reads, once the blocks are known to lead to the registered chunk root.
fn open(
    index: usize,
    blocks: &[BlockOpening],
    n_blocks: usize,
    root: Felt,
    program: &Program,
) -> Result<(Felt, [Felt; query::COLUMNS]), JudgeError> {
    let refuse = |message: &str| {
        Err(JudgeError::input(
            "leaves",
            format_args!("chunk {index}: {message}"),
        ))
    };
    if blocks.len() != n_blocks {
        return refuse("expected every block of the chunk");
    }
    let roots: Vec<Fr> = blocks.iter().map(block_root).collect();
    if dataset::chunk_root(&roots) != root.0 {
        return refuse("the leaves lead to another root than the registered one");
    }
    let mut leaves = [Felt::ZERO; query::COLUMNS];
    let mut flags = None;
    for (leaf, (block, place)) in leaves.iter_mut().zip(program.places()) {
        match blocks.get(block) {
            Some(BlockOpening::Leaves(opened)) if place < opened.len() => {
                *leaf = opened[place];
                // Registration saw to it that all blocks of a chunk share their flags page.
                flags = Some(opened[0]);
            }
            _ => return refuse("expected the leaves of every block that the query reads"),
        }
    }
    match flags {
        Some(flags) => Ok((flags, leaves)),
        None => refuse("expected the leaf of the flags page"),
    }
}

/// Verifies every proof of a claim; gives the digests of the keys: chunks, final.
///
/// **Errors**: the first proof that does not hold, by chunk.
pub fn verify(
    rebuilt: &Rebuilt,
    tier: u16,
    args: &PublishClaim,
    keys: &KeyRing,
) -> Result<[Digest; 2], JudgeError> {
    match tier {
        16 => verify_tier::<16>(rebuilt, args, keys),
        256 => verify_tier::<256>(rebuilt, args, keys),
        other => Err(JudgeError::input(
            "tier",
            format_args!("expected 16 or 256 rows, got {other}"),
        )),
    }
}

fn verify_tier<const ROWS: usize>(
    rebuilt: &Rebuilt,
    args: &PublishClaim,
    keys: &KeyRing,
) -> Result<[Digest; 2], JudgeError> {
    let (chunk_key, last_key) = (keys.get::<ClaimChunk<ROWS>>()?, keys.get::<ClaimFinal>()?);
    if args.chunks.len() != rebuilt.chunks.len() {
        return Err(JudgeError::input(
            "proofs",
            format_args!(
                "expected {}, got {}",
                rebuilt.chunks.len(),
                args.chunks.len()
            ),
        ));
    }
    let mut batch = Batch::new();
    for (public, chunk) in rebuilt.chunks.iter().zip(&args.chunks) {
        batch.push(
            chunk_key,
            public,
            &Proof::new(chunk.proof.clone()),
            format!("chunk {}", public.chunk_index),
        );
    }
    batch.push(
        last_key,
        &rebuilt.last,
        &Proof::new(args.proof.clone()),
        "final proof",
    );
    batch.verify()?;
    Ok([chunk_key.digest(), last_key.digest()])
}
