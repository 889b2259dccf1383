//! Proves a claim and keeps it on the holder's disk.
//!
//! The work can be interrupted. All blinds come from a draft's seed, and proofs are kept as they are
//! made, so that the same claim goes on where it stopped. The draft is bound to the version and the
//! terms: another claim has another draft.

use super::open::{Counted, OpenedDataset};
use super::subjects::{self, NewClaim};
use super::terms::proven_spans;
use super::{CLAIMS, ClaimError, ClaimedTerms, LocalClaim, ProvenSpan};
use crate::actor::Actor;
use crate::journey::dataset::{LocalDataset, Tier, size};
use crate::session::{Draft, ProvingError, Session};
use crate::step::Step;
use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::claim::{
    self, ClaimChunk, ClaimChunkPrivate, ClaimChunkPublic, ClaimFinal, ClaimFinalPrivate,
    ClaimFinalPublic, ClaimInput, ClaimPlan, CountUnit, Counts,
};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::pedersen;
use medveil_circuits::proof::RawProof;
use medveil_circuits::query::{Query, Span};
use medveil_circuits::statement::{Statement, Synthesize};
use medveil_collections_config::MspId;
use medveil_contract::call::{self, BlockOpening, ClaimTerms, LanePoint, PublishClaim};
use medveil_contract::judge::claim::Stated;
use rand_chacha::ChaCha20Rng;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// What is to be claimed of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// At least this many.
    AtLeast(u64),
    /// The largest threshold that holds and may be published.
    Largest,
}

/// A claim as a holder words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimOptions<'a> {
    /// Name of the dataset within the holder.
    pub dataset: &'a str,
    /// Cohort expression.
    pub query: &'a str,
    pub goal: Goal,
    /// Rows or subjects.
    pub unit: CountUnit,
    /// Whether it may stand next to claims that this home cannot compare it with.
    pub uncompared: bool,
}

/// A claim is proven: nothing has left the holder's folder.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimProven {
    #[schemars(with = "String")]
    pub holder: MspId,
    /// Name of the dataset within its holder.
    pub dataset: String,
    #[serde(flatten)]
    pub terms: ClaimedTerms,
    /// The claim's id.
    #[schemars(with = "String")]
    pub claim: Felt,
    pub proofs: usize,
    /// Comparisons that the query uses.
    pub comparisons: usize,
    /// Connectives that the query uses.
    pub connectives: usize,
    #[serde(serialize_with = "proven_spans")]
    #[schemars(with = "Vec<ProvenSpan>")]
    pub proven_spans: Vec<Span>,
    /// Claims and datasets that it was not compared with: this home does not know whom they speak
    /// of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uncompared: Vec<String>,
}

impl Step for ClaimProven {
    const NAME: &'static str = "claim.prove";
    const VERSION: u32 = 2;
}

/// A claim that holds and may be published. **Security**: plaintext; no `Debug`.
pub(super) struct Checked {
    pub opened: Arc<OpenedDataset>,
    pub counted: Counted,
    pub stated: Stated,
    query: Query,
    terms: ClaimTerms,
    blocks: Vec<Vec<BlockOpening>>,
    uncompared: Vec<String>,
}

/// Checks everything that needs no proof.
///
/// **Errors**: nothing registered under that name; a query that does not compile; a claim that may
/// not be published or does not hold.
pub(super) async fn check(
    session: &Session,
    local: &LocalDataset,
    options: &ClaimOptions<'_>,
) -> Result<Checked, ClaimError> {
    let opened = Arc::new(OpenedDataset::open(session, local).await?);
    let query = opened.compile(options.query, options.unit)?;
    let counted = count(&opened, &query).await?;
    let terms = terms(&opened, options, &query, counted.counts)?;
    let stated = opened.state(&terms)?;
    let blocks = opened.openings(query.program());
    size::check_claim(&blocks)?;
    // The last statement first: a claim that does not hold costs no proof.
    check_truth(options, &stated, &terms, counted.counts)?;
    let new = NewClaim {
        id: stated.context,
        terms: &terms,
        uncompared: options.uncompared,
    };
    let compared = Some((opened.as_ref(), query.program()));
    let uncompared = {
        // Two that wait are compared with each other.
        let actor = Actor::organisation(local.holder.clone());
        let _lock = session.lock(&actor, CLAIMS).await?;
        subjects::check(session, &local.holder, &new, compared).await?
    };
    Ok(Checked {
        opened,
        counted,
        stated,
        query,
        terms,
        blocks,
        uncompared,
    })
}

/// Proves a claim and keeps it on the holder's disk; nothing leaves the holder's folder. What an
/// earlier run proved of the same claim is not proven again.
///
/// **Errors**: nothing registered under that name; a query that does not compile; a claim that may
/// not be published or does not hold; a circuit that is not active.
pub async fn prove(
    session: &Session,
    holder: &MspId,
    options: &ClaimOptions<'_>,
) -> Result<ClaimProven, ClaimError> {
    let local = LocalDataset::new(session, holder, options.dataset)?;
    let claim = check(session, &local, options).await?;
    let (id, opened, query) = (claim.stated.context, claim.opened, claim.query);
    let actor = Actor::organisation(holder.clone());
    let work = format!("claim-{}", &id.to_string()[..32]);
    let _lock = session.lock(&actor, &work).await?;
    let (draft, seed) = session.draft(&actor, &work, digest(id, &claim.terms)?)?;
    let plan = plan(claim.stated, claim.counted, seed.rng()).await?;
    let proofs = match opened.tier {
        Tier::Small => prove_plan::<ClaimChunk<16>>(session, holder, plan, &draft).await?,
        Tier::Large => prove_plan::<ClaimChunk<256>>(session, holder, plan, &draft).await?,
    };
    let args = proofs.arguments(claim.terms, claim.blocks);
    LocalClaim::new(session, holder, id).save(&args)?;
    session.finish(&draft)?;
    let (comparisons, connectives) = query.cost();
    Ok(ClaimProven {
        holder: holder.clone(),
        dataset: local.name,
        terms: ClaimedTerms::from(&args.terms),
        claim: id,
        proofs: args.chunks.len() + 1,
        comparisons,
        connectives,
        proven_spans: query.spans(&opened.schema),
        uncompared: claim.uncompared,
    })
}

async fn count(opened: &Arc<OpenedDataset>, query: &Query) -> Result<Counted, ClaimError> {
    let (opened, program) = (opened.clone(), *query.program());
    let counted = tokio::task::spawn_blocking(move || opened.count(&program)).await;
    counted.map_err(ClaimError::Stopped)?
}

fn terms(
    opened: &OpenedDataset,
    options: &ClaimOptions<'_>,
    query: &Query,
    counts: Counts,
) -> Result<ClaimTerms, ClaimError> {
    let k = match options.goal {
        Goal::AtLeast(k) => k,
        Goal::Largest => opened.largest_k(query, counts)?,
    };
    Ok(ClaimTerms {
        dataset: opened.entry.root,
        query: query.text().to_owned(),
        unit: options.unit,
        k,
    })
}

/// Whether the final statement holds of the counts. Blinds do not matter for that.
fn check_truth(
    options: &ClaimOptions<'_>,
    stated: &Stated,
    terms: &ClaimTerms,
    counts: Counts,
) -> Result<(), ClaimError> {
    let private = ClaimFinalPrivate {
        rows: counts.rows,
        subjects: counts.subjects,
        misses: counts.misses,
        rho: Scalar::zero(),
    };
    let mut public = ClaimFinalPublic {
        total: pedersen::commit(&private.lanes(), &private.rho),
        unit: terms.unit,
        k: terms.k,
        subject_floor: stated.subject_floor,
        context: stated.context,
    };
    if ClaimFinal::check(&public, &private).is_ok() {
        return Ok(());
    }
    let dataset = options.dataset.to_owned();
    if counts.subjects >= stated.subject_floor && terms.unit == CountUnit::Rows {
        let outside = counts.misses < stated.subject_floor;
        if outside {
            return Err(ClaimError::TooFewOutside {
                dataset,
                query: terms.query.clone(),
                floor: stated.subject_floor,
            });
        }
    }
    public.subject_floor = 0;
    Err(match ClaimFinal::check(&public, &private) {
        Ok(()) => ClaimError::TooFew {
            dataset,
            query: terms.query.clone(),
            floor: stated.subject_floor,
        },
        Err(_) => ClaimError::DoesNotHold {
            dataset,
            terms: Box::new(ClaimedTerms::from(terms)),
        },
    })
}

/// SHA-256 of everything that a claim's proofs speak of.
fn digest(id: Felt, terms: &ClaimTerms) -> Result<Digest, ClaimError> {
    let mut bytes = b"medveil claim prove 3".to_vec();
    bytes.extend(id.to_bytes());
    bytes.extend(borsh::to_vec(terms).map_err(ClaimError::Encode)?);
    Ok(Digest::of(&bytes))
}

/// Commits to the hits of every chunk, with this randomness and no other.
pub(super) async fn plan(
    stated: Stated,
    counted: Counted,
    mut rng: ChaCha20Rng,
) -> Result<ClaimPlan, ClaimError> {
    let work = move || {
        let input = ClaimInput {
            program: stated.query.program(),
            chunks: &counted.chunks,
            terms: stated.terms,
            subject_floor: stated.subject_floor,
            context: stated.context,
        };
        claim::plan(&input, &mut rng)
    };
    let planned = tokio::task::spawn_blocking(work).await;
    Ok(planned.map_err(ClaimError::Stopped)??)
}

/// Proofs of a whole claim, with what everybody sees of each chunk.
struct Proofs {
    chunks: Vec<(ClaimChunkPublic, RawProof)>,
    sum: RawProof,
}

async fn prove_plan<S>(
    session: &Session,
    holder: &MspId,
    plan: ClaimPlan,
    draft: &Draft,
) -> Result<Proofs, ClaimError>
where
    S: Synthesize<Public = ClaimChunkPublic, Private = ClaimChunkPrivate>,
{
    let items = plan.chunks.into_iter().map(|c| (c.public, c.private));
    let (items, what) = (items.collect(), "proving the claim");
    let prover = session.prover::<S>(holder).await?;
    let chunks = session.prove(&prover, items, Some(draft), what).await?;
    let (items, what) = (vec![(plan.last, plan.last_private)], "proving the sum");
    let prover = session.prover::<ClaimFinal>(holder).await?;
    let sum = session.prove(&prover, items, Some(draft), what).await?;
    let publics = chunks.items.into_iter().map(|(public, _)| public);
    Ok(Proofs {
        chunks: publics.zip(chunks.proofs).collect(),
        sum: sum.proofs.into_iter().next().ok_or(ProvingError::NoProof)?,
    })
}

impl Proofs {
    /// The arguments of the publishing call.
    fn arguments(self, terms: ClaimTerms, blocks: Vec<Vec<BlockOpening>>) -> PublishClaim {
        let chunk =
            |(blocks, (public, proof)): (_, (ClaimChunkPublic, RawProof))| call::ClaimChunk {
                blocks,
                link_out: public.link_out,
                lane: LanePoint {
                    x: Felt(public.lane.x),
                    y: Felt(public.lane.y),
                },
                proof,
            };
        PublishClaim {
            terms,
            chunks: blocks.into_iter().zip(self.chunks).map(chunk).collect(),
            proof: self.sum,
        }
    }
}
