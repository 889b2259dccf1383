//! Quickstart, journey three: the hospital publishes two claims, and an outsider verifies the
//! exported bundle.

use super::share::Shared;
use super::{Run, arg, text};
use crate::error::{ErrorKind, GatewayError};
use crate::output::Step;
use crate::service::claim::{self, Goal, Wish};
use crate::service::{consortium, dataset};
use circuits::claim::CountUnit;
use circuits::field::Felt;
use std::path::PathBuf;

/// What journey three leaves behind.
pub struct Claimed {
    /// The bundle of the last claim.
    pub bundle: PathBuf,
    /// The trust file.
    pub trust: PathBuf,
}

impl Run<'_> {
    /// Journey three, as far as it needs the ledger.
    ///
    /// **Errors**: the first step that fails; a count that is too small to be published is no
    /// failure but a printed refusal.
    pub fn claims(&self, shared: &Shared) -> Result<Claimed, GatewayError> {
        let (desk, holder) = (self.desk, &self.cast.hospital);
        desk.output
            .heading("Journey three: the hospital publishes claims about the cohort");
        self.circuit(if shared.rows <= dataset::SMALL {
            "claim-chunk-16"
        } else {
            "claim-chunk-256"
        })?;
        self.circuit("claim-final")?;
        let all = claim::satisfied_by_all(desk, holder, &shared.name)?;
        let mut bundle = self.claim(
            shared,
            &Wish {
                dataset: &shared.name,
                query: &all,
                goal: Goal::All,
                unit: CountUnit::Subjects,
            },
        )?;
        let best = claim::largest_query(desk, holder, &shared.name)?;
        let wish = Wish {
            dataset: &shared.name,
            query: &best,
            goal: Goal::Largest,
            unit: CountUnit::Subjects,
        };
        match self.claim(shared, &wish) {
            Ok(path) => bundle = path,
            // What may not be published is an answer, not a fault.
            Err(e) if e.kind() == ErrorKind::Refused && e.stage() == "disclosure" => {
                self.refused(&wish, &e)
            }
            Err(e) => return Err(e),
        }
        let trust = self.folder.join("trust.json");
        self.step(
            &format!(
                "--as {} consortium trust --out {}",
                self.cast.board,
                arg(&trust)
            ),
            || consortium::trust(desk, &self.cast.board, &trust),
        )?;
        Ok(Claimed { bundle, trust })
    }

    /// Proves, publishes and exports one claim.
    fn claim(&self, shared: &Shared, wish: &Wish<'_>) -> Result<PathBuf, GatewayError> {
        let (desk, holder) = (self.desk, &self.cast.hospital);
        let proven = self.step(&self.command(wish), || claim::prove(desk, holder, wish))?;
        let id = proven
            .get("claim")
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned();
        let claim = Felt::from_hex(&id).map_err(|e| GatewayError::internal("claim", e))?;
        self.step(&format!("--as {holder} claim publish {id}"), || {
            claim::publish(desk, holder, claim)
        })?;
        let goal = if wish.goal == Goal::All {
            "all"
        } else {
            "count"
        };
        let out = self
            .folder
            .join(format!("{}-{goal}.bundle.json", shared.name));
        self.step(
            &format!("--as {holder} claim bundle {id} --out {}", arg(&out)),
            || claim::bundle(desk, holder, claim, &out),
        )?;
        Ok(out)
    }

    fn command(&self, wish: &Wish<'_>) -> String {
        let goal = if wish.goal == Goal::All {
            "--all"
        } else {
            "--largest"
        };
        let query = text(wish.query);
        format!(
            "--as {} claim prove --dataset {} --where {query} {goal} --unit subjects",
            self.cast.hospital, wish.dataset
        )
    }

    fn refused(&self, wish: &Wish<'_>, error: &GatewayError) {
        let command = self.command(wish);
        let step = Step::new("claim.refused")
            .line(format!("refused, as it should be: {error}"))
            .line(format!("  $ medveil {command}"))
            .field("refused", true)
            .field("reason", error.to_string())
            .field("command", format!("medveil {command}"));
        self.desk.output.step(&step);
    }
}
