//! The reading report of a dataset, read by its holder, by a recipient, or by whoever was given it.

use super::grant::Granted;
use super::reading::{OpenReport, Part, ReportError, leaves_of};
use super::{DatasetError, LocalDataset};
use crate::actor::Actor;
use crate::infile;
use crate::outfile;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// Largest file with a report.
///
/// **Units**: bytes.
const LONGEST: u64 = 1 << 28;

/// A reading report, checked against its root.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetReported {
    /// What the dataset's registration is bound to: `verify` prints it, too.
    #[schemars(with = "String")]
    pub root: Digest,
    pub report: Vec<Part>,
    /// Parts that are not open here.
    pub closed: usize,
    /// The file that has the open parts now, with their salts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<String>,
}

impl Step for DatasetReported {
    const NAME: &'static str = "dataset.report";
}

impl DatasetReported {
    /// What an open report says.
    ///
    /// **Errors**: it is not what its root says.
    pub(super) fn of(open: &OpenReport) -> Result<Self, ReportError> {
        Ok(Self::with(open, open.read()?))
    }

    fn with(open: &OpenReport, report: Vec<Part>) -> Self {
        DatasetReported {
            root: open.root,
            closed: open.leaves.len().saturating_sub(report.len()),
            report,
            out: None,
        }
    }
}

/// Whose report is read.
#[derive(Clone, Debug)]
pub enum ReportOf {
    /// The holder's own, of a dataset by its name.
    Name(MspId, String),
    /// A recipient's, of a grant.
    Grant(Actor, RequestId),
}

/// Reads a report: all of it, or the parts that are named (`whole`, `files`, `column:NAME`).
///
/// **Errors**: nothing was committed under this name; the grant's keys were not delivered; a part
/// that is not there, or is not the registered one.
pub async fn report(
    session: &Session,
    of: &ReportOf,
    parts: &[String],
    out: Option<&Path>,
) -> Result<DatasetReported, DatasetError> {
    let open = match of {
        ReportOf::Name(holder, name) => {
            let own = LocalDataset::new(session, holder, name)?.reading(session)?;
            OpenReport::new(leaves_of(&own), own.into_iter().enumerate())
        }
        ReportOf::Grant(actor, grant) => {
            let granted = Granted::open(session, actor, *grant).await?;
            let first = granted.fetch(session, 0).await?;
            granted.report(first.reading.as_ref())?
        }
    };
    let (open, read) = only(open, parts)?;
    let mut reported = DatasetReported::with(&open, read);
    if let Some(path) = out {
        let json = serde_json::to_vec_pretty(&open).map_err(ReportError::Json)?;
        outfile::write_secret(&session.home, path, &json)?;
        reported.out = Some(path.display().to_string());
    }
    Ok(reported)
}

/// Checks a report that somebody gave.
///
/// **Errors**: the file cannot be read, or is not what its root says.
pub fn check_report(file: &Path) -> Result<DatasetReported, DatasetError> {
    let failed = |source| DatasetError::ReportFile {
        path: file.to_owned(),
        source,
    };
    let bytes = infile::bytes(file, LONGEST).map_err(failed)?;
    Ok(DatasetReported::of(&OpenReport::from_json(&bytes)?)?)
}

/// The report with the named parts open and no other, and what they say.
fn only(mut report: OpenReport, names: &[String]) -> Result<(OpenReport, Vec<Part>), ReportError> {
    let mut read = report.read()?;
    if names.is_empty() {
        return Ok((report, read));
    }
    if let Some(name) = names
        .iter()
        .find(|n| !read.iter().any(|part| part.name() == **n))
    {
        return Err(ReportError::NoPart(name.clone()));
    }
    let is_named: Vec<bool> = read
        .iter()
        .map(|part| names.contains(&part.name()))
        .collect();
    let mut kept = is_named.iter();
    report.parts.retain(|_| kept.next() == Some(&true));
    let mut kept = is_named.iter();
    read.retain(|_| kept.next() == Some(&true));
    Ok((report, read))
}
