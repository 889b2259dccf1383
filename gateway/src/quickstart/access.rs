//! Quickstart, journey two: a researcher proves eligibility, gets the keys and reads the rows.

use super::share::Shared;
use super::{Run, arg};
use crate::error::{Context, GatewayError};
use crate::service::{grant, read, request};
use circuits::ids::RequestId;
use verifier_chaincode::call::Decision;

impl Run<'_> {
    /// Journey two.
    ///
    /// **Errors**: the first step that fails.
    pub fn access(&self, shared: &Shared) -> Result<(), GatewayError> {
        let (desk, cast) = (self.desk, &self.cast);
        desk.output
            .heading("Journey two: a researcher gets access by proof");
        self.circuit("eligibility-4")?;
        self.circuit("handover")?;
        let letter = self.folder.join("letter.txt");
        std::fs::write(
            &letter,
            "We ask for the cohort to study blood sugar control in type-2 diabetes.\n",
        )
        .internal("letter")?;
        let ask = request::Ask {
            dataset: format!("{}/{}", cast.hospital, shared.name),
            study: self.study.clone(),
            purpose: Some("research".to_owned()),
            disease: None,
            region: None,
            columns: vec![],
            letter: Some(letter.clone()),
        };
        let command = format!(
            "--as {} access request --dataset {} --study {} --purpose research --letter {}",
            cast.researcher,
            ask.dataset,
            ask.study,
            arg(&letter)
        );
        let asked = self.step(&command, || request::request(desk, &cast.researcher, &ask))?;
        let id = asked
            .get("request")
            .and_then(|v| v.as_str())
            .unwrap_or_default()
            .to_owned();
        let request: RequestId = id.parse().internal("request")?;
        self.step(&format!("--as {} access show {id}", cast.hospital), || {
            grant::show(desk, &cast.hospital, request)
        })?;
        for org in [&cast.hospital, &cast.second_hospital] {
            self.step(&format!("--as {org} access decide {id} --approve"), || {
                grant::decide(desk, org, request, Decision::Approve)
            })?;
        }
        self.step(
            &format!("--as {} access handover {id}", cast.hospital),
            || grant::handover(desk, &cast.hospital, request),
        )?;
        self.step(
            &format!("--as {} access confirm {id}", cast.hospital),
            || grant::confirm(desk, &cast.hospital, request),
        )?;
        let rows = self.folder.join("rows.csv");
        self.step(
            &format!(
                "--as {} dataset read --grant {id} --out {}",
                cast.researcher,
                arg(&rows)
            ),
            || read::read(desk, &cast.researcher, request, Some(&rows)),
        )?;
        Ok(())
    }
}
