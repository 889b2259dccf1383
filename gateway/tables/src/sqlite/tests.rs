use super::*;
use crate::testing::{damage, rows, words};
use std::path::PathBuf;

fn made(folder: &tempfile::TempDir, sql: &str) -> PathBuf {
    let path = folder.path().join("visits.sqlite");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    path
}

const SAMPLE: &str = "CREATE TABLE t (id INTEGER, born DATE, weight REAL, alive BOOLEAN, any);
    INSERT INTO t VALUES (-9223372036854775808, '1969-12-31', 0.1, 1, 'Zürich');
    INSERT INTO t VALUES (9223372036854775807, NULL, -1.5e-7, 0, 7);
    INSERT INTO t VALUES (0, 20000101, 1e21, NULL, 2.50);";

fn refusal(database: &SqliteDatabase, sql: &str) -> String {
    let read = database
        .table("t", sql)
        .and_then(|mut table| rows(&mut table));
    words(&read.unwrap_err())
}

#[test]
fn values_have_the_type_that_they_are_stored_with() {
    let folder = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(&made(&folder, SAMPLE)).unwrap();
    let mut table = database
        .table("people", "SELECT * FROM t ORDER BY rowid")
        .unwrap();
    assert_eq!(table.name(), "people");
    assert_eq!(table.columns()[1].name, "born");
    assert!(
        table
            .columns()
            .iter()
            .all(|column| column.kind == Kind::Mixed)
    );
    let expected = [
        [
            "n -9223372036854775808",
            "t 1969-12-31",
            "n 0.1",
            "n 1",
            "t Zürich",
        ],
        ["n 9223372036854775807", "-", "n -0.00000015", "n 0", "n 7"],
        [
            "n 0",
            "n 20000101",
            "n 1000000000000000000000",
            "-",
            "n 2.5",
        ],
    ];
    assert_eq!(rows(&mut table).unwrap(), expected);
    assert_eq!(rows(&mut table).unwrap(), expected);
}

#[test]
fn statements_that_do_not_only_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder, SAMPLE);
    let before = std::fs::read(&path).unwrap();
    let database = SqliteDatabase::open(&path).unwrap();
    for (sql, word) in [
        ("DELETE FROM t", "SELECT"),
        ("WITH a AS (SELECT 1) DELETE FROM t", "writes"),
        ("PRAGMA user_version = 5", "SELECT"),
        ("ATTACH 'other.sqlite' AS o", "SELECT"),
        ("BEGIN", "SELECT"),
        ("", "SELECT"),
        ("-- nothing", "SELECT"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT 1; DELETE FROM t", "one statement"),
        ("SELECT ?", "parameters"),
        ("SELECT :a", "parameters"),
        ("SELECT 1 AS a, 2 AS a", "two columns"),
        ("SELECT nothing FROM t", "nothing"),
        ("SELECT \"nothing\" FROM t", "no such column"),
        ("SELECT load_extension('x')", "logic error"),
    ] {
        let text = refusal(&database, sql);
        assert!(text.contains(word), "{sql}: {text}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn values_that_no_text_says_spoil_their_cell_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(&made(&folder, SAMPLE)).unwrap();
    for (sql, word) in [
        ("SELECT 1 AS a UNION ALL SELECT x'ff'", "bytes"),
        ("SELECT 1 AS a UNION ALL SELECT 9e999", "finite"),
        ("SELECT 1 AS a UNION ALL SELECT -9e999", "finite"),
        (
            "SELECT 1 AS a UNION ALL SELECT CAST(x'ff' AS TEXT)",
            "UTF-8",
        ),
    ] {
        let rows = rows(&mut database.table("t", sql).unwrap()).unwrap();
        assert_eq!((rows.len(), rows[0][0].as_str()), (2, "n 1"));
        let error = &rows[1][0];
        assert!(
            error.starts_with('!') && error.contains(word),
            "{sql}: {error}"
        );
    }
    // A value that SQLite quotes in its own words is not passed on.
    let text = refusal(&database, "SELECT json_extract('{}', any) FROM t");
    assert!(!text.contains("Zürich"), "{text}");
}

#[test]
fn tables_see_one_state_and_are_read_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder, SAMPLE);
    let database = SqliteDatabase::open(&path).unwrap();
    let mut all = database.table("all", "SELECT id FROM t").unwrap();
    let mut other = database.table("other", "SELECT id FROM t").unwrap();
    let writer = Connection::open(&path).unwrap();
    writer.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(writer.execute_batch("DELETE FROM t").is_err());
    assert_eq!(rows(&mut all).unwrap().len(), 3);
    let nested = all.rows(&mut |_| rows(&mut other).map(|_| ()));
    assert!(words(&nested.unwrap_err()).contains("one after the other"));
    assert_eq!(rows(&mut other).unwrap().len(), 3);
}

#[test]
fn a_log_beside_the_file_is_read_and_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder, &format!("PRAGMA journal_mode = WAL; {SAMPLE}"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(words(&SqliteDatabase::open(&path).err().unwrap()).contains("journal_mode"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("INSERT INTO t (id) VALUES (8)")
        .unwrap();
    let database = SqliteDatabase::open(&path).unwrap();
    let mut table = database.table("t", "SELECT id FROM t").unwrap();
    assert_eq!(rows(&mut table).unwrap().len(), 4);
    writer
        .execute_batch("INSERT INTO t (id) VALUES (9)")
        .unwrap();
    assert_eq!(rows(&mut table).unwrap().len(), 4);
    let log = folder.path().join("visits.sqlite-wal");
    let before = std::fs::read(&log).unwrap();
    drop((table, database));
    assert_eq!(std::fs::read(&log).unwrap(), before);
}

#[test]
fn files_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sqlite");
    for bytes in [&b""[..], b"id,name\n1,2\n", b"SQLite format 3\0"] {
        std::fs::write(&path, bytes).unwrap();
        assert!(words(&SqliteDatabase::open(&path).err().unwrap()).contains("no SQLite"));
    }
    let none = SqliteDatabase::open(&folder.path().join("none.sqlite"));
    assert!(matches!(none, Err(TableError::Io { .. })));
    assert!(!folder.path().join("none.sqlite").exists());
}

#[test]
fn damaged_files_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(&folder, SAMPLE);
    let bytes = std::fs::read(&path).unwrap();
    let other = folder.path().join("damaged.sqlite");
    let refused = damage(&bytes, 500, &other, &mut |path| {
        let database = SqliteDatabase::open(path)?;
        rows(&mut database.table("t", "SELECT * FROM t ORDER BY id")?).map(|_| ())
    });
    // Nothing guards the values themselves in this form.
    assert!(refused > 50, "{refused}");
}
