//! A dataset of the holder's own, opened with its keys: what a query is counted and proven over.

use super::{ClaimError, ClaimQueryError, DisclosureRefusal};
use crate::journey::dataset::{
    ChunkKeys, DatasetError, LocalDataset, OpenedPages, PagesError, Tier, all_slots,
    ciphertext_digest, open_chunk,
};
use crate::session::{CHAINCODE, Session};
use medveil_circuits::claim::{
    ClaimPlanError, Cohort, CountUnit, Counts, OpenedChunk, RowHit, check_disclosure, count,
    largest_claimable_k, row_hits,
};
use medveil_circuits::dataset;
use medveil_circuits::field::{Digest, Felt, Fr};
use medveil_circuits::ids::{ConsortiumId, Day};
use medveil_circuits::page::Page;
use medveil_circuits::query::{self, Program, Query, QueryError};
use medveil_circuits::schema::Schema;
use medveil_contract::Code;
use medveil_contract::call::request::GetDataset;
use medveil_contract::call::transient::{StoredBlock, StoredChunk};
use medveil_contract::call::{BlockOpening, ClaimTerms};
use medveil_contract::judge::claim::{ClaimFacts, Stated, state};
use medveil_contract::judge::registration::{Registered, rebuild};
use medveil_contract::model::DatasetEntry;

/// Registered pages, decrypted. **Security**: plaintext; no `Debug`.
pub struct OpenedDataset {
    /// What the ledger says of the version, but for day, transaction and key.
    pub entry: DatasetEntry,
    pub schema: Schema,
    pub tier: Tier,
    canonical: String,
    consortium: ConsortiumId,
    /// The consortium's floor of subjects.
    floor: u32,
    stored: Vec<StoredChunk>,
    pages: Vec<OpenedPages>,
}

/// The chunks of a dataset as a query reads them, and what it hits. **Security**: plaintext; no
/// `Debug`.
pub struct Counted {
    pub chunks: Vec<OpenedChunk>,
    pub counts: Counts,
}

impl OpenedDataset {
    /// Opens what a holder registered, page by page against the registered roots.
    ///
    /// **Errors**: nothing committed or nothing registered; a vault that does not open; a page that
    /// is not the registered one.
    pub async fn open(session: &Session, local: &LocalDataset) -> Result<Self, ClaimError> {
        let args = local.registration()?;
        let consortium = session.consortium_id();
        let rebuilt = rebuild(consortium, &local.holder, &args);
        let rebuilt = rebuilt.map_err(ClaimError::Registration)?;
        let dataset = rebuilt.root;
        match session.ask(&local.holder, GetDataset { dataset }).await {
            Err(e) if e.code() == Some(Code::NotFound) => {
                let name = local.name.clone();
                return Err(DatasetError::NotRegistered { name }.into());
            }
            other => drop(other?),
        }
        let schema = Schema::from_canonical(args.schema.as_bytes()).map_err(ClaimError::Schema)?;
        let tier = Tier::of_chunk(args.tier);
        let tier = tier.ok_or(ClaimPlanError::Tier(usize::from(args.tier)))?;
        let keys = ChunkKeys {
            slots: all_slots(&local.keys(session)?),
            segment: args.segment,
            layout: dataset::layout(&schema),
            tier: tier.rows(),
        };
        let (stored, roots) = (local.pages()?, rebuilt.chunk_roots.clone());
        let (stored, pages) = open_pages(session, stored, roots, keys).await?;
        let registered = Registered {
            holder: &local.holder,
            circuit: Digest([0; 32]),
            day: Day::of_millis(0),
            tx_id: "",
        };
        Ok(OpenedDataset {
            entry: rebuilt.entry(&args, registered),
            schema,
            tier,
            canonical: args.schema,
            consortium,
            floor: session.consortium.subject_floor(),
            stored,
            pages,
        })
    }

    /// The public size of the version.
    pub fn cohort(&self) -> Cohort {
        Cohort {
            n_rows: self.entry.n_rows,
            n_subjects: self.entry.n_subjects,
        }
    }

    /// Compiles a cohort expression over its schema.
    ///
    /// **Errors**: what does not compile.
    pub fn compile(&self, text: &str, unit: CountUnit) -> Result<Query, ClaimError> {
        query::compile(text, &self.schema, unit).map_err(|error| match error {
            QueryError::Column(got) => {
                let columns = self.schema.columns().iter().map(|c| c.name.clone());
                let columns = columns.collect();
                ClaimQueryError::NoColumn { got, columns }.into()
            }
            other => ClaimQueryError::Compile(other).into(),
        })
    }

    /// Reads what a program asks about, and counts its hits.
    ///
    /// **Errors**: pages that are not of the tier.
    ///
    /// **Cost**: unpacks four pages of every chunk.
    pub fn count(&self, program: &Program) -> Result<Counted, ClaimError> {
        let chunks = self.stored.iter().zip(&self.pages).enumerate();
        let chunks = chunks.map(|(i, (stored, pages))| self.chunk(program, i, stored, pages));
        let chunks = chunks.collect::<Result<Vec<_>, _>>()?;
        let counts = count(program, &chunks);
        Ok(Counted { chunks, counts })
    }

    /// The rows as a program sees them, in the order of the version.
    ///
    /// **Errors**: pages that are not of the tier.
    pub fn row_hits(&self, program: &Program) -> Result<Vec<RowHit>, ClaimError> {
        Ok(row_hits(program, &self.count(program)?.chunks))
    }

    /// The pages of one chunk that a program reads.
    fn chunk(
        &self,
        program: &Program,
        chunk: usize,
        stored: &StoredChunk,
        opened: &OpenedPages,
    ) -> Result<OpenedChunk, ClaimError> {
        let page = |(block, leaf): (usize, usize)| -> Result<(&Page, Fr), PagesError> {
            let page = opened.get(block).and_then(|b| b.get(leaf));
            let page = page.and_then(Option::as_ref);
            page.zip(digest(stored, block, leaf))
                .ok_or(PagesError::Missing { chunk, block, leaf })
        };
        let [a, b, c] = program.places();
        let pages = [page((0, 0))?, page(a)?, page(b)?, page(c)?];
        Ok(OpenedChunk::open(chunk, self.tier.rows(), pages)?)
    }

    /// The largest threshold that holds and may be published.
    ///
    /// **Errors**: there is none: too few, or too few outside.
    pub fn largest_k(&self, query: &Query, counts: Counts) -> Result<u64, ClaimError> {
        let (floor, unit) = (u64::from(self.floor), query.unit());
        let count = match unit {
            CountUnit::Rows if counts.subjects.min(counts.misses) < floor => 0,
            CountUnit::Rows => counts.rows,
            CountUnit::Subjects => counts.subjects,
        };
        let k = largest_claimable_k(count, unit, self.cohort(), floor);
        Ok(k.ok_or(DisclosureRefusal::NoThreshold { floor })?)
    }

    /// The terms of a claim, compiled and allowed.
    ///
    /// **Errors**: the claim may not be published.
    pub fn state(&self, terms: &ClaimTerms) -> Result<Stated, ClaimError> {
        let stated = medveil_circuits::claim::Terms {
            unit: terms.unit,
            k: terms.k,
        };
        check_disclosure(stated, self.cohort(), u64::from(self.floor))
            .map_err(DisclosureRefusal::Rule)?;
        let facts = ClaimFacts {
            consortium: self.consortium,
            chaincode: CHAINCODE,
            dataset: &self.entry,
            schema: &self.canonical,
            floor: self.floor,
        };
        Ok(state(&facts, terms)?)
    }

    /// Every block of every chunk: open where the program reads it, its root elsewhere.
    pub fn openings(&self, program: &Program) -> Vec<Vec<BlockOpening>> {
        let read = program.places().map(|(block, _)| block);
        let block = |(b, stored): (usize, &StoredBlock)| match read.contains(&b) {
            true => BlockOpening::Leaves(stored.leaves),
            false => BlockOpening::Root(Felt(dataset::block_root(&stored.leaves))),
        };
        let chunk = |chunk: &StoredChunk| chunk.blocks.iter().enumerate().map(block).collect();
        self.stored.iter().map(chunk).collect()
    }
}

/// Checks and decrypts all chunks on a thread of its own.
async fn open_pages(
    session: &Session,
    stored: Vec<StoredChunk>,
    roots: Vec<Felt>,
    keys: ChunkKeys,
) -> Result<(Vec<StoredChunk>, Vec<OpenedPages>), ClaimError> {
    let (expected, got) = (roots.len(), stored.len());
    if expected != got {
        return Err(PagesError::Chunks { expected, got }.into());
    }
    session.ledger().release();
    let task = session.progress.begin("opening pages", Some(got as u64));
    let work = move || {
        let open = |(chunk, root): (&StoredChunk, Felt)| {
            task.advance();
            open_chunk(chunk, root, &keys)
        };
        let pages = stored
            .iter()
            .zip(roots)
            .map(open)
            .collect::<Result<_, _>>()?;
        Ok::<_, PagesError>((stored, pages))
    };
    let opened = tokio::task::spawn_blocking(work).await;
    Ok(opened.map_err(ClaimError::Stopped)??)
}

/// Digest of a stored page's ciphertext.
fn digest(stored: &StoredChunk, block: usize, leaf: usize) -> Option<Fr> {
    let mut pages = stored.blocks.get(block)?.pages.iter();
    pages
        .find(|p| usize::from(p.leaf) == leaf)
        .map(ciphertext_digest)
}
