//! The query file: statements of SQL, each of which gives a table.
//!
//! ```sql
//! -- database: postgresql://reader@db.example.org/ehr
//!
//! -- table: visits
//! SELECT person_id, visit_start_date FROM visit_occurrence;
//! ```
//!
//! `database` is an address of PostgreSQL, a file of SQLite (`.sqlite`, `.sqlite3`, `.db`),
//! `folder`: the files beside the query, or `folder PATH`. It stands before the first statement. Comments of other
//! words are free.

mod split;

use crate::error::TableError;
use split::{Dialect, Token};
use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most bytes of a query file.
const MAX_BYTES: u64 = 1 << 20;
const MAX_QUERIES: usize = 1000;

/// Where statements run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// Address of a PostgreSQL database, without a password.
    Postgres(String),
    /// A file, found from the folder of the query file.
    Sqlite(PathBuf),
    /// The files of a folder: that of the query file, or one found from there.
    Folder(PathBuf),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Name of the table that it gives.
    pub name: String,
    /// The statement, without the semicolon.
    pub sql: String,
    /// Line on which it starts, from 1.
    pub line: u64,
}

/// What a query file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryFile {
    pub database: Database,
    pub queries: Vec<Query>,
}

impl QueryFile {
    /// **Errors**: the file cannot be read, is larger than 1 MiB, or is not of the form.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let io = |source| TableError::Io {
            path: path.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(io)?;
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        let refuse = |what: &str| TableError::Malformed {
            place: path.display().to_string(),
            what: what.to_owned(),
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(refuse("expected a query file of at most 1 MiB"));
        }
        let text = String::from_utf8(bytes).map_err(|_| refuse("expected a text of UTF-8"))?;
        Self::parse(text.strip_prefix('\u{feff}').unwrap_or(&text), path)
    }

    /// Reads the text of a query file that stands at `path`.
    ///
    /// **Errors**: see [`Self::read`]; the line is named.
    pub fn parse(text: &str, path: &Path) -> Result<Self, TableError> {
        let mut reader = Reader {
            path,
            text,
            line: 1,
            database: None,
            name: None,
            open: None,
            queries: Vec::new(),
            names: HashSet::new(),
        };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let (token, length) = split::token(rest, reader.dialect())
                .map_err(|what| reader.refused(reader.line, what))?;
            let piece = rest.get(..length).unwrap_or(rest);
            reader.token(token, piece, at)?;
            reader.line += piece.bytes().filter(|byte| *byte == b'\n').count() as u64;
            at += length;
        }
        reader.close(text.len())?;
        reader.end()
    }
}

/// Whether a statement starts as one that only reads. The database checks that it does.
pub(crate) fn reads_only(sql: &str) -> bool {
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let Ok((token, length)) = split::token(rest, Dialect::Postgres) else {
            return false;
        };
        let piece = rest.get(..length).unwrap_or(rest);
        match token {
            Token::Space | Token::Comment => {}
            Token::Other if piece == "(" => {}
            _ => {
                let words = ["select", "with", "values", "table"];
                return words.iter().any(|word| piece.eq_ignore_ascii_case(word));
            }
        }
        at += length;
    }
    false
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    line: u64,
    database: Option<Database>,
    /// Name for the next statement.
    name: Option<String>,
    /// Where the statement that is being read starts, and its line.
    open: Option<(usize, u64)>,
    queries: Vec<Query>,
    names: HashSet<String>,
}

impl Reader<'_> {
    fn dialect(&self) -> Dialect {
        match self.database {
            Some(Database::Postgres(_)) => Dialect::Postgres,
            _ => Dialect::Sqlite,
        }
    }

    fn refused(&self, line: u64, what: &str) -> TableError {
        TableError::Malformed {
            place: format!("{}, line {line}", self.path.display()),
            what: what.to_owned(),
        }
    }

    fn token(&mut self, token: Token, piece: &str, at: usize) -> Result<(), TableError> {
        match token {
            Token::Space => Ok(()),
            Token::Comment => self.comment(piece),
            Token::Semicolon => self.close(at),
            Token::Other if self.open.is_none() => self.start(at),
            Token::Other => Ok(()),
        }
    }

    fn comment(&mut self, piece: &str) -> Result<(), TableError> {
        let Some((word, value)) = piece.strip_prefix("--").and_then(|c| c.split_once(':')) else {
            return Ok(());
        };
        let (word, value) = (word.trim().to_ascii_lowercase(), value.trim());
        if !matches!(word.as_str(), "database" | "table") {
            return Ok(());
        }
        if self.open.is_some() {
            let what = "stands inside a statement: end the one before with a semicolon";
            return Err(self.refused(self.line, &format!("`{word}:` {what}")));
        }
        match word.as_str() {
            "database" => self.database(value),
            _ => self.table(value),
        }
    }

    fn database(&mut self, value: &str) -> Result<(), TableError> {
        if self.database.is_some() {
            return Err(self.refused(self.line, "`database:` stands a second time"));
        }
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let file = [".sqlite", ".sqlite3", ".db"];
        self.database = Some(match value {
            "folder" => Database::Folder(folder.to_owned()),
            _ if value.starts_with("folder ") => {
                let path = value.trim_start_matches("folder").trim_start();
                Database::Folder(folder.join(path))
            }
            _ if value.starts_with("postgresql://") || value.starts_with("postgres://") => {
                Database::Postgres(value.to_owned())
            }
            _ if file.iter().any(|ending| value.ends_with(ending)) => {
                Database::Sqlite(folder.join(value))
            }
            _ => {
                let what = "expected `database: postgresql://USER@HOST/NAME`, a file that ends \
                            in .sqlite, .sqlite3 or .db, `folder` or `folder PATH`";
                return Err(self.refused(self.line, what));
            }
        });
        Ok(())
    }

    fn table(&mut self, value: &str) -> Result<(), TableError> {
        let usual = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if value.is_empty() || value.len() > 63 || !value.chars().all(usual) {
            let what = "expected `table: NAME`, of at most 63 letters, digits, `_` and `-`";
            return Err(self.refused(self.line, what));
        }
        if self.name.is_some() {
            return Err(self.refused(self.line, "the `table:` before has no statement"));
        }
        if !self.names.insert(value.to_ascii_lowercase()) {
            return Err(self.refused(self.line, "this name of a table stands a second time"));
        }
        self.name = Some(value.to_owned());
        Ok(())
    }

    fn start(&mut self, at: usize) -> Result<(), TableError> {
        if self.database.is_none() {
            let what = "expected a comment `-- database: ...` before the first statement";
            return Err(self.refused(self.line, what));
        }
        if self.name.is_none() {
            let what = "expected a comment `-- table: NAME` before the statement";
            return Err(self.refused(self.line, what));
        }
        self.open = Some((at, self.line));
        Ok(())
    }

    /// Ends the statement at `end`, if one is open.
    fn close(&mut self, end: usize) -> Result<(), TableError> {
        let Some((start, line)) = self.open.take() else {
            return Ok(());
        };
        let sql = self.text.get(start..end).unwrap_or_default().trim_end();
        if !reads_only(sql) {
            let what = "expected a statement that starts with SELECT, WITH or VALUES: nothing is \
                        ever written";
            return Err(self.refused(line, what));
        }
        if self.queries.len() == MAX_QUERIES {
            return Err(self.refused(line, "expected at most 1000 statements"));
        }
        let (name, sql) = (self.name.take().unwrap_or_default(), sql.to_owned());
        self.queries.push(Query { name, sql, line });
        Ok(())
    }

    fn end(self) -> Result<QueryFile, TableError> {
        let refused = |what| Err(self.refused(self.line, what));
        if self.name.is_some() {
            return refused("the last `table:` has no statement");
        }
        if self.queries.is_empty() {
            return refused("expected at least one statement, after `-- table: NAME`");
        }
        match self.database.clone() {
            Some(database) => Ok(QueryFile {
                database,
                queries: self.queries,
            }),
            None => refused("expected a comment `-- database: ...`"),
        }
    }
}

#[cfg(test)]
mod tests;
