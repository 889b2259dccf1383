//! Quickstart, journey three: the hospital publishes a claim and exports its bundle.

use super::share::Shared;
use super::{Run, arg, quote};
use crate::cli::error::Failure;
use crate::cli::failed::CommandError;
use crate::cli::render::Render;
use crate::journey::claim::{self, ClaimError, ClaimOptions, Goal};
use crate::journey::consortium;
use crate::journey::dataset::Tier;
use crate::step::Step;
use medveil_circuits::claim::CountUnit;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// What journey three leaves behind.
pub struct Claimed {
    /// The claim's bundle; none where the claim may not be published.
    pub bundle: Option<PathBuf>,
    /// The trust file.
    pub trust: PathBuf,
}

/// A claim that may not be published, which is an answer and not a fault.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClaimRefused {
    refused: bool,
    reason: String,
    command: String,
}

impl Step for ClaimRefused {
    const NAME: &'static str = "claim.refused";
}

impl Render for ClaimRefused {
    fn lines(&self) -> Vec<String> {
        vec![
            format!("refused, as it should be: {}", self.reason),
            format!("  $ {}", self.command),
        ]
    }
}

impl Run<'_> {
    /// Journey three, as far as it needs the ledger.
    ///
    /// **Errors**: the first step that fails; a count that is too small to be published is no
    /// failure but a printed refusal.
    pub async fn claims(&self, shared: &Shared) -> Result<Claimed, CommandError> {
        let (session, holder) = (self.session, &self.people.hospital);
        let heading = "Journey three: the hospital publishes a claim about the cohort";
        self.output.heading(heading);
        let chunk = Tier::for_dataset(shared.rows).claim_chunk();
        self.circuit(chunk.name).await?;
        self.circuit("claim-final").await?;
        let best = claim::largest_query(session, holder, &shared.name).await?;
        let bundle = match self.publish(shared, &best).await {
            Ok(path) => Some(path),
            Err(CommandError::Journey(crate::Error::Claim(
                error @ ClaimError::Disclosure { .. },
            ))) => {
                self.output.finish(&ClaimRefused {
                    refused: true,
                    reason: Failure::of(ClaimRefused::NAME, &error).words().to_owned(),
                    command: format!("medveil {}", self.prove_command(shared, &best)),
                });
                None
            }
            Err(error) => return Err(error),
        };
        let trust = self.folder.join("trust.json");
        let board = &self.people.board;
        let command = self.command(board, &format!("consortium trust --out {}", arg(&trust)));
        self.step(&command, consortium::trust(session, board, &trust))
            .await?;
        Ok(Claimed { bundle, trust })
    }

    /// Proves, publishes and exports one claim.
    async fn publish(&self, shared: &Shared, query: &str) -> Result<PathBuf, CommandError> {
        let (session, holder) = (self.session, &self.people.hospital);
        let options = ClaimOptions {
            dataset: &shared.name,
            query,
            goal: Goal::Largest,
            unit: CountUnit::Subjects,
            uncompared: false,
        };
        let command = self.prove_command(shared, query);
        let proven = self
            .step(&command, claim::prove(session, holder, &options))
            .await?;
        let id = proven.claim;
        let command = self.command(holder, &format!("claim publish {id}"));
        self.step(&command, claim::publish(session, holder, id, false))
            .await?;
        let out = self
            .folder
            .join(format!("{}-count.bundle.json", shared.name));
        let words = format!("claim bundle {id} --out {}", arg(&out));
        let bundle = claim::bundle(session, holder, id, &out);
        self.step(&self.command(holder, &words), bundle).await?;
        Ok(out)
    }

    fn prove_command(&self, shared: &Shared, query: &str) -> String {
        let words = format!(
            "claim prove --dataset {} --where {} --largest --unit subjects",
            shared.name,
            quote(query)
        );
        self.command(&self.people.hospital, &words)
    }
}
