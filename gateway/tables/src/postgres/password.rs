//! The password: of `PGPASSWORD`, or of a password file that nobody else may read.

use super::address::PostgresAddress;
use crate::error::TableError;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most bytes of a password file.
const MAX_FILE: u64 = 1 << 20;

/// A password of a database. **Security**: no `Debug`.
pub struct Password(pub(super) String);

impl Password {
    /// One that the caller asked a person for.
    pub fn typed(text: String) -> Self {
        Self(text)
    }

    /// Looks in `PGPASSWORD`, then in the file `PGPASSFILE` or `.pgpass` of the folder `home`.
    /// `None` where neither knows one: the server may need none, or the caller asks a person.
    ///
    /// **Errors**: the file cannot be read, or others may read it.
    pub fn find(
        address: &PostgresAddress,
        environment: &dyn Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Option<Self>, TableError> {
        if let Some(text) = environment("PGPASSWORD").filter(|text| !text.is_empty()) {
            return Ok(Some(Self(text)));
        }
        let named = environment("PGPASSFILE")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from);
        let Some(path) = named.or_else(|| Some(home?.join(".pgpass"))) else {
            return Ok(None);
        };
        if !path.is_file() {
            return Ok(None);
        }
        let text = read(&path)?;
        Ok(text.lines().find_map(|line| of_line(line, address)))
    }
}

fn read(path: &Path) -> Result<String, TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let refuse = |what: &str| TableError::Malformed {
        place: path.display().to_string(),
        what: what.to_owned(),
    };
    let file = File::open(path).map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map_err(io)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(refuse(
                "others may read this password file: run chmod 600 on it",
            ));
        }
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(refuse("expected a password file of at most 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| refuse("expected a text of UTF-8"))
}

/// A line is `HOST:PORT:DATABASE:USER:PASSWORD`; `*` is any, and a backslash keeps what follows.
fn of_line(line: &str, address: &PostgresAddress) -> Option<Password> {
    if line.starts_with('#') {
        return None;
    }
    let (mut fields, mut field) = (Vec::new(), String::new());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => field.extend(chars.next()),
            ':' if fields.len() < 4 => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    let port = address.port.to_string();
    let [host, on, database, user] = fields.as_slice() else {
        return None;
    };
    let is = |field: &String, value: &str| field == "*" || field == value;
    let here = address.is_socket() && host == "localhost";
    let fits = (here || is(host, &address.host))
        && is(on, &port)
        && is(database, &address.database)
        && is(user, &address.user);
    (fits && !field.is_empty()).then_some(Password(field))
}
