//! Quickstart, journey one: a hospital registers a cohort and shares it.

use super::{Run, arg, file};
use crate::cli::args::QuickstartArgs;
use crate::cli::failed::CommandError;
use crate::journey::dataset::{self, CommitOptions, LocalDataset, SourceInput, Tier};
use crate::journey::policy::{self, PutOptions};
use crate::journey::{claim, keys};
use medveil_source::synthetic;
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
    pub rows: usize,
}

impl Run<'_> {
    /// Journey one.
    ///
    /// **Errors**: the first step that fails.
    pub async fn share(&self, args: &QuickstartArgs) -> Result<Shared, CommandError> {
        let (session, holder) = (self.session, &self.people.hospital);
        let heading = "Journey one: a hospital registers and shares a cohort";
        self.output.heading(heading);
        let source = self.source(args.source.as_deref())?;
        let schema = args.schema.as_deref();
        let name = self.free_name()?;
        let flag = schema.map_or_else(String::new, |f| format!(" --schema {}", arg(f)));
        let progress = session.progress.as_ref();
        let input = SourceInput {
            source: &source,
            views: None,
            today: session.today(),
            gather: false,
        };
        let home = &session.home;
        let inspect = async { dataset::inspect(progress, home, input, schema, &mut session.rng()) };
        let command = format!("dataset inspect {}{flag}", arg(&source));
        let rows = self.step(&command, inspect).await?.rows;
        for org in [holder, &self.people.second_hospital] {
            let publish = keys::publish(session, org, keys::Publication::Any);
            self.step(&self.command(org, "keys publish"), publish)
                .await?;
        }
        let registration = Tier::for_dataset(rows).registration();
        self.circuit(registration.name).await?;
        let options = CommitOptions {
            source: &source,
            views: None,
            accept: &[],
            schema,
            name: &name,
            group: GROUP,
        };
        let words = format!(
            "dataset commit {} --name {name} --group {GROUP}{flag}",
            arg(&source)
        );
        let commit = dataset::commit(session, holder, &options);
        self.step(&self.command(holder, &words), commit).await?;
        let command = self.command(holder, &format!("dataset register --name {name}"));
        self.step(
            &command,
            claim::register_dataset(session, holder, &name, false),
        )
        .await?;
        let command = self.command(holder, &format!("dataset store --name {name}"));
        self.step(&command, dataset::store(session, holder, &name))
            .await?;
        self.policy(&name).await?;
        Ok(Shared { name, rows })
    }

    async fn policy(&self, dataset: &str) -> Result<(), CommandError> {
        let (session, holder) = (self.session, &self.people.hospital);
        let path = self.folder.join("policy.yaml");
        let text = include_str!("../../../data/quickstart/policy.yaml");
        std::fs::write(&path, text).map_err(file(&path))?;
        let explain = async { policy::explain(Some(&session.consortium), &path) };
        self.step(&format!("policy explain {}", arg(&path)), explain)
            .await?;
        let words = format!("policy put {} --dataset {dataset}", arg(&path));
        let options = PutOptions {
            dataset,
            future: false,
        };
        let put = policy::put(session, holder, &path, options);
        self.step(&self.command(holder, &words), put).await?;
        Ok(())
    }

    fn source(&self, given: Option<&Path>) -> Result<PathBuf, CommandError> {
        if let Some(path) = given {
            return Ok(path.to_owned());
        }
        let dir = self.session.home.root().join("synthetic-cohort");
        if !dir.is_dir() {
            let partial = dir.with_extension("partial");
            if partial.exists() {
                std::fs::remove_dir_all(&partial).map_err(file(&partial))?;
            }
            synthetic::write(&partial, PATIENTS, SEED).map_err(CommandError::Synthetic)?;
            std::fs::rename(&partial, &dir).map_err(file(&dir))?;
        }
        Ok(dir)
    }

    /// `cohort`, or `cohort-2`, `cohort-3`, ... when that is taken: each run registers a new
    /// lineage, and a run that was interrupted before its dataset was committed is gone on with.
    fn free_name(&self) -> Result<String, CommandError> {
        let name = |n: u32| match n {
            1 => "cohort".to_owned(),
            n => format!("cohort-{n}"),
        };
        for name in (1..=10_000).map(name) {
            let local = LocalDataset::new(self.session, &self.people.hospital, &name);
            if !local.map_err(crate::Error::from)?.is_committed() {
                return Ok(name);
            }
        }
        Err(CommandError::NoName)
    }
}
