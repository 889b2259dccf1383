//! Files with types, and queries: workbooks, Parquet, Arrow, SQLite, headers of DICOM files; and
//! views of FHIR.

use super::source::{file, read, schema_of};
use crate::fixture::scratch;
use crate::target::{Form, Reading, Target, parts, text};
use medveil_circuits::schema::Schema;
use medveil_fhir::Moment;
use medveil_sql_on_fhir::{ViewDefinition, json};
use medveil_tables::{Database, PostgresAddress, QueryFile};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("workbook", Form::Borsh, workbook).with_words(WORKBOOK),
    Target::new("parquet", Form::Borsh, parquet).with_words(&["PAR1", "id", "hba1c"]),
    Target::new("arrow", Form::Borsh, arrow).with_words(&["ARROW1", "id", "hba1c"]),
    Target::new("sqlite", Form::Borsh, sqlite).with_words(&["SQLite format 3", "visits"]),
    Target::new("query_file", Form::Text, query).with_words(SQL),
    Target::new("dicom", Form::Borsh, dicom).with_words(&["DICM", "UI", "DS", "SQ", "UN", "\\"]),
    Target::new("postgres_address", Form::Text, postgres_address).with_words(ADDRESS),
    Target::new("moment", Form::Text, moment).with_words(&["T", "Z", "+14:00", "-02-29"]),
    Target::new("view", Form::Borsh, view).with_words(VIEW),
];

const WORKBOOK: &[&str] = &[
    "PK\u{3}\u{4}",
    "<c t=\"str\"><v>p1</v></c>",
    "<c t=\"s\"><v>0</v></c>",
    "<c t=\"e\"><v>#N/A</v></c>",
    "<f>",
    "r=\"XFD1048576\"",
    "<!DOCTYPE",
    "&#x0;",
];
const SQL: &[&str] = &[
    "-- database: folder\n",
    "-- table: t\n",
    "SELECT",
    "WITH x AS (",
    "WITH RECURSIVE",
    "number(",
    "FROM visits",
    "''",
    "$$",
    "/*",
    ";",
    "zeroblob(999999999)",
    "ATTACH 'x' AS y",
    "PRAGMA",
];
const VIEW: &[&str] = &[
    "resource",
    "select",
    "column",
    "forEach",
    "forEachOrNull",
    "unionAll",
    "where",
    "constant",
    "repeat",
    "getResourceKey()",
    "ofType(Quantity)",
    "%x",
    "$this",
];

const ADDRESS: &[&str] = &[
    "postgresql://",
    "postgres://",
    "%2F",
    "?sslmode=verify-full",
    "&connect_timeout=",
    "host=",
    "user='",
    "[::1]",
    ":5432",
];

/// Columns of every file with a table.
pub const TABLE_SCHEMA: &str = r#"{"format":"medveil-schema-1","subject":{"header":"id"},"columns":[
 {"name":"hba1c","type":"decimal","scale":1,"min":3,"max":20,"source":{"on_bad":"drop"}}]}"#;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| schema_of(TABLE_SCHEMA));

fn table(name: &str, input: &[u8]) -> Reading {
    Reading::of(read(&file(name, input), &SCHEMA))
}

/// By its ending a workbook is read as another form; what counts is the newest.
fn workbook(input: &[u8]) -> Reading {
    for name in ["visits.xls", "visits.xlsb", "visits.ods"] {
        let _ = table(name, input);
    }
    table("visits.xlsx", input)
}

fn parquet(input: &[u8]) -> Reading {
    table("visits.parquet", input)
}

/// A file or a stream of Arrow.
fn arrow(input: &[u8]) -> Reading {
    table("visits.arrow", input)
}

/// A database that a query reads.
fn sqlite(input: &[u8]) -> Reading {
    static QUERY: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = scratch("source").join("database.sql");
        let text =
            "-- database: database.sqlite\n-- table: visits\nSELECT id, hba1c FROM visits;\n";
        std::fs::write(&path, text).expect("a file");
        path
    });
    file("database.sqlite", input);
    Reading::of(read(&QUERY, &SCHEMA))
}

/// Queries over a folder; those over anything else are only read.
fn query(input: &[u8]) -> Reading {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = scratch("source/queried");
        let rows = "id,hba1c\np1,7.2\np2,6.9\n";
        std::fs::write(folder.join("visits.csv"), rows).expect("a file");
        folder
    });
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    let path = FOLDER.join("cohort.sql");
    let parsed = match QueryFile::parse(text, &path) {
        Ok(parsed) => parsed,
        Err(error) => return Reading::refused(error),
    };
    if parsed.database != Database::Folder(FOLDER.clone()) {
        return Reading::refused("another database");
    }
    std::fs::write(&path, text).expect("a file");
    Reading::of(read(&path, &SCHEMA))
}

fn dicom(input: &[u8]) -> Reading {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        schema_of(
            r#"{"format":"medveil-schema-1","rows":"per_record","source":{"level":"instance"},"columns":[
            {"name":"thickness","type":"decimal","scale":1,"min":0,"max":99,"source":{"header":"SliceThickness"}},
            {"name":"window","type":"int","min":0,"max":999,"source":{"header":"WindowCenter[max]"}}]}"#,
        )
    });
    let folder: PathBuf = scratch("source/dicom");
    let path: &Path = &folder.join("a");
    std::fs::write(path, input).expect("a file");
    Reading::of(read(&folder, &SCHEMA))
}

/// A view, and a resource that it is applied to.
fn view(input: &[u8]) -> Reading {
    let [view, resource] = parts(input);
    let resource = json::parse(resource);
    let view = match text(view) {
        Ok(view) => view,
        Err(reading) => return reading,
    };
    let view = match ViewDefinition::parse(view) {
        Ok(view) => view,
        Err(problems) => return Reading::refused(problems),
    };
    let resource = match resource {
        Ok(resource) => resource,
        Err(error) => return Reading::refused(error),
    };
    Reading::of(view.rows(&resource))
}

/// Where a database is, as queries name it; nothing is connected to.
fn postgres_address(input: &[u8]) -> Reading {
    match text(input) {
        Ok(text) => Reading::of(PostgresAddress::read(text, &|_| None)),
        Err(reading) => reading,
    }
}

/// A date or a time of FHIR.
fn moment(input: &[u8]) -> Reading {
    let read = text(input).map(Moment::read);
    match read {
        Ok(Some(moment)) => {
            assert!(moment.first_day <= moment.last_day, "days in their order");
            Reading::Read
        }
        Ok(None) => Reading::refused("no moment"),
        Err(reading) => reading,
    }
}
