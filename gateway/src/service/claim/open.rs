//! A dataset of the holder's own, opened with its keys: what a query is counted and proven over.

use super::STAGE;
use crate::desk::{CHAINCODE, Desk};
use crate::error::{Context, GatewayError};
use crate::service::local::LocalDataset;
use crate::service::read::{ChunkKeys, open_chunk};
use circuits::claim::{Cohort, CountUnit, Counts, OpenedChunk, largest_claimable_k};
use circuits::dataset;
use circuits::eligibility::consortium_id;
use circuits::field::{Digest, Fr};
use circuits::ids::Day;
use circuits::page::{Page, ciphertext_digest};
use circuits::query::{self, Program, Query};
use circuits::schema::Schema;
use verifier_chaincode::call::transient::StoredChunk;
use verifier_chaincode::call::{BlockOpening, RegisterDataset};
use verifier_chaincode::judge::claim::Frame;
use verifier_chaincode::judge::registration::{self, Registered};
use verifier_chaincode::model::DatasetEntry;

/// Registered pages, decrypted.
pub(super) struct OpenedDataset {
    /// What the ledger says of the version, but for day, transaction and key.
    pub entry: DatasetEntry,
    /// Its schema.
    pub schema: Schema,
    canonical: String,
    stored: Vec<StoredChunk>,
    pages: Vec<Vec<Vec<Option<Page>>>>,
}

impl OpenedDataset {
    /// Opens what a holder registered, page by page against the registered roots.
    ///
    /// **Errors**: nothing committed or nothing registered; a vault that does not open; a page that
    /// is not the registered one.
    pub fn open(desk: &Desk, local: &LocalDataset) -> Result<Self, GatewayError> {
        let args: RegisterDataset = local.registration()?;
        let consortium = consortium_id(&desk.consortium.to_canonical());
        let rebuilt = registration::rebuild(consortium, &local.holder, &args).internal(STAGE)?;
        desk.version(&local.holder, rebuilt.root)?;
        let schema = Schema::from_canonical(args.schema.as_bytes()).internal(STAGE)?;
        let (layout, keys, stored) = (dataset::layout(&schema), local.keys(desk)?, local.pages()?);
        let slots = keys.keys.map(Some);
        let keys = ChunkKeys {
            slots: &slots,
            segment: args.segment,
            layout: &layout,
            tier: usize::from(args.tier),
        };
        if stored.len() != rebuilt.chunk_roots.len() {
            let message = format!(
                "expected {} chunks of pages, got {}",
                rebuilt.chunk_roots.len(),
                stored.len()
            );
            return Err(GatewayError::input("pages", message));
        }
        let bar = desk.output.progress("opening pages", stored.len() as u64);
        let open = |(chunk, root)| {
            bar.inc(1);
            open_chunk(chunk, root, &keys)
        };
        let pages = stored
            .iter()
            .zip(rebuilt.chunk_roots.iter().copied())
            .map(open)
            .collect::<Result<_, _>>();
        bar.finish_and_clear();
        let tx = Registered {
            holder: &local.holder,
            circuit: Digest([0; 32]),
            day: Day::of_millis(0),
            tx_id: "",
        };
        Ok(OpenedDataset {
            entry: rebuilt.entry(&args, tx),
            schema,
            canonical: args.schema,
            stored,
            pages: pages?,
        })
    }

    /// What a claim is judged in.
    pub fn frame<'a>(&'a self, desk: &Desk) -> Frame<'a> {
        Frame {
            consortium: consortium_id(&desk.consortium.to_canonical()),
            chaincode: CHAINCODE,
            dataset: &self.entry,
            schema: &self.canonical,
            floor: desk.consortium.subject_floor(),
        }
    }

    /// Compiles a cohort expression over its schema.
    ///
    /// **Errors**: what does not compile.
    pub fn compile(&self, text: &str, unit: CountUnit) -> Result<Query, GatewayError> {
        query::compile(text, &self.schema, unit).input("query")
    }

    /// The pages that a program reads.
    ///
    /// **Errors**: pages that are not of the tier.
    pub fn chunks(&self, program: &Program) -> Result<Vec<OpenedChunk>, GatewayError> {
        let [a, b, c] = program.places();
        let places = [(0, 0), a, b, c];
        let one = |(i, (stored, opened)): (usize, (&StoredChunk, &Vec<Vec<Option<Page>>>))| {
            let mut pages = Vec::with_capacity(places.len());
            for (block, leaf) in places {
                let page = opened
                    .get(block)
                    .and_then(|b| b.get(leaf))
                    .and_then(Option::as_ref);
                pages.push(
                    page.zip(digest(stored, block, leaf))
                        .ok_or_else(|| missing(i, block, leaf))?,
                );
            }
            let pages: [(&Page, Fr); 4] = pages.try_into().map_err(|_| missing(i, 0, 0))?;
            OpenedChunk::open(i, usize::from(self.entry.tier), pages).internal(STAGE)
        };
        self.stored
            .iter()
            .zip(&self.pages)
            .enumerate()
            .map(one)
            .collect()
    }

    /// The largest threshold that holds and may be published.
    ///
    /// **Errors**: there is none: too few, or too few outside.
    pub fn largest_k(
        &self,
        desk: &Desk,
        query: &Query,
        counts: Counts,
    ) -> Result<u64, GatewayError> {
        let (n_rows, n_subjects) = (self.entry.n_rows, self.entry.n_subjects);
        let floor = u64::from(desk.consortium.subject_floor());
        let count = match query.unit() {
            CountUnit::Rows if counts.subjects < floor && !query.exempt() => 0,
            CountUnit::Rows => counts.rows,
            CountUnit::Subjects => counts.subjects,
        };
        let k = largest_claimable_k(
            count,
            query.unit(),
            Cohort { n_rows, n_subjects },
            floor,
            query.exempt(),
        );
        let message = format!(
            "no threshold of this query may be published: at least {floor} subjects must be inside and {floor} outside it"
        );
        k.ok_or_else(|| GatewayError::refused("disclosure", message))
    }

    /// Every block of every chunk: open where the program reads it, its root elsewhere.
    pub fn openings(&self, program: &Program) -> Vec<Vec<BlockOpening>> {
        let read = program.places().map(|(block, _)| block);
        let block = |(b, stored): (usize, &verifier_chaincode::call::transient::StoredBlock)| {
            if read.contains(&b) {
                BlockOpening::Leaves(stored.leaves)
            } else {
                BlockOpening::Root(circuits::field::Felt(dataset::block_root(&stored.leaves)))
            }
        };
        self.stored
            .iter()
            .map(|chunk| chunk.blocks.iter().enumerate().map(block).collect())
            .collect()
    }
}

/// Digest of a stored page's ciphertext.
fn digest(stored: &StoredChunk, block: usize, leaf: usize) -> Option<Fr> {
    let page = stored
        .blocks
        .get(block)?
        .pages
        .iter()
        .find(|p| usize::from(p.leaf) == leaf)?;
    let ciphertext: Vec<Fr> = page.ciphertext.iter().map(|e| e.0).collect();
    Some(ciphertext_digest(&ciphertext))
}

fn missing(chunk: usize, block: usize, leaf: usize) -> GatewayError {
    GatewayError::input(
        "pages",
        format!("chunk {chunk}: page {leaf} of block {block} is not there"),
    )
}
