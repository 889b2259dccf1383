//! Quickstart, journey two: a researcher proves eligibility, gets the keys and reads the rows.

use super::share::Shared;
use super::{Run, arg, file};
use crate::cli::failed::CommandError;
use crate::journey::access::{self, AccessOptions, VoteOptions};
use crate::journey::dataset;
use medveil_contract::call::Decision;

const LETTER: &str = "We ask for the cohort to study blood sugar control in type-2 diabetes.\n";

impl Run<'_> {
    /// Journey two.
    ///
    /// **Errors**: the first step that fails.
    pub async fn access(&self, shared: &Shared) -> Result<(), CommandError> {
        let (session, people) = (self.session, &self.people);
        let heading = "Journey two: a researcher gets access by proof";
        self.output.heading(heading);
        self.circuit("eligibility-4").await?;
        self.circuit("handover").await?;
        let letter = self.folder.join("letter.txt");
        std::fs::write(&letter, LETTER).map_err(file(&letter))?;
        let options = AccessOptions {
            dataset: format!("{}/{}", people.hospital, shared.name),
            study: self.study.clone(),
            purpose: Some("research".to_owned()),
            disease: None,
            region: None,
            columns: vec![],
            letter: Some(letter.clone()),
            letter_type: None,
        };
        let command = self.command(
            &people.researcher,
            &format!(
                "access request --dataset {} --study {} --purpose research --letter {}",
                options.dataset,
                options.study,
                arg(&letter)
            ),
        );
        let request = access::request(session, &people.researcher, &options);
        let id = self.step(&command, request).await?.request;
        let holder = &people.hospital;
        for org in [holder, &people.second_hospital] {
            let command = self.command(org, &format!("access show {id}"));
            self.step(&command, access::show(session, org, id, None))
                .await?;
            let command = self.command(org, &format!("access decide {id} --approve"));
            let vote = VoteOptions {
                request: id,
                decision: Decision::Approve,
                unseen: false,
            };
            self.step(&command, access::decide(session, org, &vote))
                .await?;
        }
        let command = self.command(holder, &format!("access handover {id}"));
        let handover = access::handover(session, holder, id);
        self.step(&command, handover).await?;
        let command = self.command(holder, &format!("access confirm {id}"));
        let confirm = access::confirm(session, holder, id);
        self.step(&command, confirm).await?;
        let rows = self.folder.join("rows.csv");
        let words = format!("dataset read --grant {id} --out {}", arg(&rows));
        let command = self.command(&people.researcher, &words);
        let read = dataset::read(session, &people.researcher, id, Some(&rows));
        self.step(&command, read).await?;
        Ok(())
    }
}
