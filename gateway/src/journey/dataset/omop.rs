//! `schema omop`: the schema and the queries that ship for OMOP CDM, for one source. It needs no home.

use super::DatasetError;
use super::schema::write_new as write;
use crate::step::Step;
use medveil_source::{LeftOut, OmopPlace, omop};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

const SCHEMA: &str = "omop.schema.json";
const QUERIES: &str = "omop.sql";

/// A schema and queries for a source of OMOP CDM were written.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OmopWritten {
    /// The file that has the schema.
    pub schema: String,
    /// The file that has the queries: the source of a dataset.
    pub queries: String,
    /// Columns that are not in the schema, because the source has no tables for them.
    pub left_out: Vec<ColumnsLeftOut>,
}

/// Columns that a source has no tables for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnsLeftOut {
    pub columns: Vec<String>,
    /// The tables that the source does not have.
    pub missing_tables: Vec<String>,
}

impl Step for OmopWritten {
    const NAME: &'static str = "schema.omop";
}

/// Writes schema and queries for a folder of tables, or for an address of PostgreSQL, to `out`;
/// without it into the folder, or here. Neither file may be there yet; `out` is made where it is
/// not there.
///
/// **Errors**: the source cannot be read, or is none of OMOP; a file is there or cannot be written.
pub fn write_omop(source: &str, out: Option<&Path>) -> Result<OmopWritten, DatasetError> {
    let place = place(source, out)?;
    let beside = match &place {
        OmopPlace::Folder { folder, .. } => folder.as_path(),
        OmopPlace::Postgres(_) => Path::new("."),
    };
    let out = out.unwrap_or(beside);
    let files = omop(&place)?;
    let (schema, queries) = (out.join(SCHEMA), out.join(QUERIES));
    for path in [&schema, &queries] {
        if path.exists() {
            let path = path.clone();
            return Err(DatasetError::SchemaThere { path });
        }
    }
    std::fs::create_dir_all(out).map_err(|source| DatasetError::SchemaFile {
        path: out.to_owned(),
        source,
    })?;
    write(&schema, &files.schema)?;
    write(&queries, &files.queries)?;
    let columns = |left: LeftOut| ColumnsLeftOut {
        columns: left.columns,
        missing_tables: left.tables,
    };
    Ok(OmopWritten {
        schema: schema.display().to_string(),
        queries: queries.display().to_string(),
        left_out: files.left_out.into_iter().map(columns).collect(),
    })
}

/// Where the tables are. A query file elsewhere names their folder by its whole path.
fn place(source: &str, out: Option<&Path>) -> Result<OmopPlace, DatasetError> {
    let addresses = ["postgresql://", "postgres://"];
    if addresses.iter().any(|start| source.starts_with(start)) {
        return Ok(OmopPlace::Postgres(source.to_owned()));
    }
    let folder = PathBuf::from(source);
    let named = match out.map(|_| folder.canonicalize()).transpose() {
        Ok(path) => path.map(|path| path.display().to_string()),
        Err(source) => {
            return Err(DatasetError::SchemaFile {
                path: folder,
                source,
            });
        }
    };
    Ok(OmopPlace::Folder { folder, named })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn both_files_are_written_where_they_find_the_tables_and_never_over_others() {
        let [cdm, out] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
        let source = cdm.path().to_str().unwrap();
        assert!(write_omop(source, None).is_err(), "no table");
        fs::write(cdm.path().join("PERSON.csv"), "person_id\n1\n").unwrap();
        let written = write_omop(source, None).unwrap();
        assert_eq!(written.left_out.len(), 7);
        let text = fs::read_to_string(cdm.path().join(QUERIES)).unwrap();
        assert!(text.contains("\n-- database: folder\n"), "{text}");
        let there = write_omop(source, None).err().unwrap();
        // As `schema draft` says it of its file.
        let drafted = write(&cdm.path().join(SCHEMA), "").err().unwrap();
        assert_eq!(there.to_string(), drafted.to_string());
        assert!(there.to_string().contains("`--out`"), "{there}");
        // One of the two is there: neither is written.
        fs::write(out.path().join(QUERIES), "mine").unwrap();
        assert!(write_omop(source, Some(out.path())).is_err());
        assert!(!out.path().join(SCHEMA).exists());
        fs::remove_file(out.path().join(QUERIES)).unwrap();
        write_omop(source, Some(out.path())).unwrap();
        let text = fs::read_to_string(out.path().join(QUERIES)).unwrap();
        let folder = cdm.path().canonicalize().unwrap();
        assert!(text.contains(&format!("\n-- database: folder {}\n", folder.display())));
        // A folder that is not there is made; one that cannot be is refused.
        let fresh = out.path().join("a/b");
        write_omop(source, Some(&fresh)).unwrap();
        assert!(fresh.join(SCHEMA).exists() && fresh.join(QUERIES).exists());
        assert!(matches!(
            write_omop(source, Some(&fresh.join(SCHEMA))),
            Err(DatasetError::SchemaFile { .. })
        ));
    }
}
