//! `access request --check`: everything that a request does before it is sent, and nothing is sent
//! or kept. Only the own peer is asked for the nullifier; a person who was enrolled asks no other.

use super::inputs::{Ask, Asker, RequestInputs};
use super::proof::UnprovenRequest;
use super::request::recorded;
use super::{AccessError, AccessOptions};
use crate::actor::Actor;
use crate::journey::visa::wallet;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::visa::day;
use medveil_contract::model::RequestState;
use schemars::JsonSchema;
use serde::Serialize;

/// What a request would come to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessChecked {
    /// Who would ask, as `ORG/NAME`.
    pub person: String,
    /// The dataset, as the options named it.
    pub dataset: String,
    /// Whether the request can be made now.
    pub ready: bool,
    /// Why not, line by line: which clause of which alternative fails, which visa is missing, who
    /// has to do what first.
    pub problems: Vec<String>,
    /// Where this period's request was made already: `submitted`, `approved`, `rejected` or
    /// `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub used: Option<RequestState>,
    /// First day of the next period, as a date: from then on the person may ask again.
    pub next_period: String,
    /// Visas that the chosen alternative takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visas: Option<u8>,
    /// Columns or groups that are asked for.
    pub columns: Vec<String>,
    /// What everybody on the ledger sees, line by line.
    pub public: Vec<String>,
    /// Organisations that can open study and letter.
    pub readers: Vec<String>,
    /// Clauses of the policy that can serve to single somebody out.
    pub warnings: Vec<String>,
}

impl Step for AccessChecked {
    const NAME: &'static str = "access.check";
}

/// Tries a request without sending it.
///
/// **Errors**: the dataset, its policy or a file is not there; [`AccessError::NotReady`] with the
/// answer where the request cannot be made now.
pub async fn check(
    session: &Session,
    person: &Actor,
    options: &AccessOptions,
) -> Result<AccessChecked, AccessError> {
    let wallet = wallet(session, person)?;
    let asker = Asker::to_try(session, person);
    let inputs = RequestInputs::read(asker, Ask::First(options), wallet).await?;
    let mut checked = AccessChecked {
        person: person.to_string(),
        dataset: options.dataset.clone(),
        ready: true,
        problems: Vec::new(),
        used: None,
        next_period: day::to_text(inputs.next_period()),
        visas: None,
        columns: inputs.columns(),
        public: public_lines(&inputs),
        readers: inputs
            .readers
            .iter()
            .map(|k| k.msp_id.to_string())
            .collect(),
        warnings: inputs.program.singling_out(),
    };
    match UnprovenRequest::new(session, &inputs)?
        .prepare(session, &inputs)
        .await
    {
        Ok(prepared) => checked.visas = Some(prepared.visas.len() as u8),
        Err(AccessError::Ineligible { reasons, .. }) => {
            for (name, lacks) in &reasons.alternatives {
                let problems = lacks.iter().map(|lack| format!("\"{name}\": {lack}"));
                checked.problems.extend(problems);
            }
        }
        Err(other) => return Err(other),
    }
    if let Some(entry) = recorded(session, &inputs).await? {
        checked.used = Some(entry.state);
        checked.problems.push(format!(
            "this period's request was made: it is {}, and the next period begins on {}",
            entry.state, checked.next_period
        ));
    }
    checked.ready = checked.problems.is_empty();
    match checked.ready {
        true => Ok(checked),
        false => Err(AccessError::NotReady(Box::new(checked))),
    }
}

fn public_lines(inputs: &RequestInputs<'_>) -> Vec<String> {
    let terms = &inputs.terms;
    let said = |what: &str, text: &Option<String>| match text {
        Some(text) => format!("{what}: {text}"),
        None => format!("no {what}"),
    };
    vec![
        format!("{} asks, today, for {}", inputs.person.org, inputs.named),
        format!("columns: {}", inputs.columns().join(", ")),
        said("purpose", &terms.purpose),
        said("disease", &terms.disease),
        said("region", &terms.region),
        format!(
            "that its policy is satisfied by {}",
            match inputs.program.alternatives().len() {
                1 => "what its one alternative asks for".to_owned(),
                n => format!("one of its {n} alternatives, not which"),
            }
        ),
    ]
}
