//! Quickstart, journey one: a hospital registers a cohort and shares it.

use super::{Run, arg};
use crate::error::{Context, GatewayError};
use crate::service::{dataset, keys, local::LocalDataset, policy};
use crate::source::synthetic;
use std::path::{Path, PathBuf};

/// Patients of the synthetic cohort.
const PATIENTS: usize = 300;
const SEED: u64 = 1;
/// The sharing group of the quickstart.
const GROUP: &str = "research";

/// What was shared.
pub struct Shared {
    /// Its name within the hospital.
    pub name: String,
    /// Its rows.
    pub rows: usize,
}

impl Run<'_> {
    /// Journey one.
    ///
    /// **Errors**: the first step that fails.
    pub fn share(
        &self,
        source: Option<&Path>,
        schema_file: Option<&Path>,
    ) -> Result<Shared, GatewayError> {
        let (desk, holder) = (self.desk, &self.cast.hospital);
        desk.output
            .heading("Journey one: a hospital registers and shares a cohort");
        let source = self.source(source)?;
        let name = self.free_name()?;
        let flag = schema_file
            .map(|f| format!(" --schema {}", arg(f)))
            .unwrap_or_default();
        self.step(&format!("dataset inspect {}{flag}", arg(&source)), || {
            dataset::inspect(&desk.output, &source, schema_file, &mut *desk.rng())
        })?;
        self.step(&format!("--as {holder} keys publish"), || {
            keys::publish(desk, holder)
        })?;
        let policy_file = self.policy_file()?;
        self.step(&format!("policy explain {}", arg(&policy_file)), || {
            policy::explain(Some(&desk.consortium), &policy_file)
        })?;
        self.step(
            &format!(
                "--as {holder} policy put {} --dataset {name}",
                arg(&policy_file)
            ),
            || policy::put(desk, holder, &policy_file, &name),
        )?;
        let rows = dataset::count_rows(&desk.output, &source, schema_file)?;
        self.circuit(if rows <= dataset::SMALL {
            "registration-16"
        } else {
            "registration-256"
        })?;
        self.step(
            &format!(
                "--as {holder} dataset commit {} --name {name} --group {GROUP}{flag}",
                arg(&source)
            ),
            || dataset::commit(desk, holder, &source, schema_file, &name, GROUP),
        )?;
        self.step(
            &format!("--as {holder} dataset register --name {name}"),
            || dataset::register(desk, holder, &name),
        )?;
        self.step(
            &format!("--as {holder} dataset store --name {name}"),
            || dataset::store(desk, holder, &name),
        )?;
        Ok(Shared { name, rows })
    }

    fn source(&self, given: Option<&Path>) -> Result<PathBuf, GatewayError> {
        if let Some(path) = given {
            return Ok(path.to_owned());
        }
        let dir = self.desk.home.root().join("synthetic-cohort");
        if !dir.is_dir() {
            let partial = self.desk.home.root().join("synthetic-cohort.partial");
            if partial.exists() {
                std::fs::remove_dir_all(&partial).internal("synthetic cohort")?;
            }
            synthetic::write(&partial, PATIENTS, SEED).internal("synthetic cohort")?;
            std::fs::rename(&partial, &dir).internal("synthetic cohort")?;
        }
        Ok(dir)
    }

    /// `cohort`, or `cohort-2`, `cohort-3`, ... when that is taken: each run registers a new
    /// lineage.
    fn free_name(&self) -> Result<String, GatewayError> {
        for n in 1..=10_000u32 {
            let name = if n == 1 {
                "cohort".to_owned()
            } else {
                format!("cohort-{n}")
            };
            if !LocalDataset::names(self.desk, &self.cast.hospital).contains(&name) {
                return Ok(name);
            }
        }
        Err(GatewayError::input(
            "quickstart",
            "ten thousand cohorts in this home: choose another one",
        ))
    }

    fn policy_file(&self) -> Result<PathBuf, GatewayError> {
        let path = self.folder.join("policy.yaml");
        std::fs::write(&path, include_str!("../../data/quickstart/policy.yaml"))
            .internal("policy")?;
        Ok(path)
    }
}
