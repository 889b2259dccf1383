//! What a run did so far: kept in a file after each fault, and printed as a table.

use crate::check::Found;
use crate::kinds::Kind;
use crate::options::Options;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// What one kind of fault did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Row {
    pub tried: u64,
    /// Writes acknowledged from the fault until service was back and checked.
    pub acknowledged: u64,
    pub lost: u64,
    pub duplicates: u64,
    /// From when ending the fault began until every client got through, each time.
    ///
    /// **Units**: seconds.
    pub back: Vec<f64>,
    /// The longest that a client waited between two acknowledged writes, the fault included.
    ///
    /// **Units**: seconds.
    pub stall: f64,
}

/// A run, over as many starts as it took.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    pub seed: u64,
    /// Kills, cuts, disks, expiries and clocks that were asked for.
    pub asked: [usize; 5],
    pub orderers: usize,
    /// Faults done, of the plan.
    pub done: usize,
    /// Times that the run was started.
    pub starts: u64,
    pub seconds: f64,
    pub rows: BTreeMap<Kind, Row>,
    /// Kinds that could not be tried here, and why.
    pub not_tried: BTreeMap<Kind, String>,
    /// Writes that were refused or not reached meanwhile, by kind of error.
    pub failures: BTreeMap<String, u64>,
}

impl Tally {
    /// A new run, or the one that was kept.
    ///
    /// **Errors**: another run was kept there.
    pub fn open(options: &Options) -> Result<Self> {
        let asked = [
            options.kills,
            options.cuts,
            options.disks,
            options.expiries,
            options.clocks,
        ];
        let new = Tally {
            seed: options.seed,
            asked,
            orderers: options.orderers,
            ..Tally::default()
        };
        let Some(path) = options.state.as_ref().filter(|p| p.is_file()) else {
            return Ok(new);
        };
        let kept: Tally = serde_json::from_str(&std::fs::read_to_string(path)?)
            .with_context(|| format!("{}: another file than a run's", path.display()))?;
        let same = |t: &Tally| (t.seed, t.asked, t.orderers);
        ensure!(
            same(&kept) == same(&new),
            "{} holds a run of seed {} with {:?} (kills, cuts, disks, expiries, clocks) and {} orderers: ask for the same, or name another file",
            path.display(),
            kept.seed,
            kept.asked,
            kept.orderers
        );
        Ok(kept)
    }

    /// Keeps it: whole, or not at all.
    pub fn keep(&self, path: Option<&Path>) -> Result<()> {
        let Some(path) = path else {
            return Ok(());
        };
        let partial = path.with_extension("partial");
        std::fs::write(&partial, serde_json::to_string_pretty(self)?)?;
        Ok(std::fs::rename(&partial, path)?)
    }

    pub fn add(&mut self, kind: Kind, found: Found, back: Duration, stall: Duration) {
        let row = self.rows.entry(kind).or_default();
        row.tried += 1;
        row.acknowledged += found.acknowledged;
        row.lost += found.lost;
        row.duplicates += found.duplicates;
        row.back.push(back.as_secs_f64());
        row.stall = row.stall.max(stall.as_secs_f64());
    }

    /// Writes lost, and counted twice.
    pub fn harm(&self) -> (u64, u64) {
        let sum = |of: fn(&Row) -> u64| self.rows.values().map(of).sum();
        (sum(|r| r.lost), sum(|r| r.duplicates))
    }

    /// For people, in Markdown.
    pub fn table(&self) -> Result<String> {
        let mut text = "| fault | tried | writes acknowledged | lost | duplicates | service back, s: median, longest | worst stall, s |\n|---|---|---|---|---|---|---|\n".to_owned();
        let mut whole = Row::default();
        for (kind, row) in &self.rows {
            line(&mut text, kind.words(), row)?;
            whole.tried += row.tried;
            whole.acknowledged += row.acknowledged;
            whole.lost += row.lost;
            whole.duplicates += row.duplicates;
            whole.back.extend(&row.back);
            whole.stall = whole.stall.max(row.stall);
        }
        line(&mut text, "all", &whole)?;
        for (kind, why) in &self.not_tried {
            writeln!(text, "\nNot tried: {} ({why}).", kind.words())?;
        }
        let failures = self.failures.iter();
        let failures: Vec<String> = failures.map(|(kind, n)| format!("{kind} {n}")).collect();
        writeln!(
            text,
            "\nSeed {}, {} orderers, {:.0} s, started {} times. Writes refused meanwhile and tried again: {}.",
            self.seed,
            self.orderers,
            self.seconds,
            self.starts,
            if failures.is_empty() {
                "none".to_owned()
            } else {
                failures.join(", ")
            }
        )?;
        Ok(text)
    }
}

fn line(text: &mut String, name: &str, row: &Row) -> Result<()> {
    let mut back = row.back.clone();
    back.sort_by(f64::total_cmp);
    let median = back.get(back.len() / 2).copied().unwrap_or_default();
    let longest = back.last().copied().unwrap_or_default();
    Ok(writeln!(
        text,
        "| {name} | {} | {} | {} | {} | {median:.1}, {longest:.1} | {:.1} |",
        row.tried, row.acknowledged, row.lost, row.duplicates, row.stall
    )?)
}
