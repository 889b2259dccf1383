//! Settings that files of text need before their columns can be looked at.

use crate::bind::is_usual_subject;
use crate::error::SourceError;
use crate::plan::Plan;
use medveil_tables::csv::{CsvProposal, propose};
use medveil_tables::folder::{Folder, FolderSettings, table_name};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What was seen of the files, and what is open.
#[derive(Default)]
pub(super) struct Settled {
    pub evidence: Vec<String>,
    pub open: Vec<String>,
}

/// Adds what is sure to `words`, for a file alone or for a table of a folder; tells what was seen.
///
/// **Errors**: the folder cannot be read.
pub(super) fn settle(
    path: &Path,
    (plan, limit): (&Plan, u64),
    words: &mut BTreeMap<String, String>,
) -> Result<Settled, SourceError> {
    let (mut settled, is_folder) = (Settled::default(), path.is_dir());
    for (table, file) in texts(path, plan)? {
        // Of a file that cannot be read, reading says why.
        let settings = (plan.text_file(&table), limit);
        let proposed = propose(&file, settings, &is_usual_subject).unwrap_or_default();
        for CsvProposal {
            word,
            value,
            evidence: seen,
            is_sure,
        } in proposed
        {
            let key = match is_folder {
                true => format!("tables.{table}.{word}"),
                false => word.to_owned(),
            };
            if is_sure {
                settled
                    .evidence
                    .push(format!("{table}: {seen}: `{word}` {value}"));
                words.insert(key, value);
            } else {
                let what =
                    format!("{table}: {seen}: if so, draft again with `--set {key}={value}`");
                settled.open.push(what);
            }
        }
    }
    Ok(settled)
}

/// The files of text, with the names of their tables.
fn texts(path: &Path, plan: &Plan) -> Result<Vec<(String, PathBuf)>, SourceError> {
    if path.is_file() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        return Ok(vec![(table_name(&name).to_owned(), path.to_owned())]);
    }
    let folder = Folder::open(path, FolderSettings::new(plan.text_files.clone(), 0))?;
    let texts = folder.tables().iter().filter(|table| table.sheet.is_none());
    Ok(texts
        .map(|table| (table.name.clone(), table.path.clone()))
        .collect())
}
