//! Where a database is: `postgresql://USER@HOST:PORT/NAME?sslmode=...`, completed from the
//! environment (`PGHOST`, `PGPORT`, `PGUSER`, `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT`,
//! `PGCONNECT_TIMEOUT`), as PostgreSQL's own programs do.
//!
//! Nothing else is guessed: without a host or a user there is no address. A password never stands
//! in it.

use crate::error::TableError;
use std::path::PathBuf;
use std::time::Duration;

/// Whether a connection is encrypted, and what that proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    Disable,
    /// Where the server can; against nobody who stands between.
    Prefer,
    /// Always; the server's certificate is not checked.
    Require,
    /// Always; the certificate must be of this host, and of the system's authorities or this
    /// file's.
    Full(Option<PathBuf>),
}

/// Where a database is, and as whom it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresAddress {
    /// A name, an address, or the folder of a socket.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) encryption: Encryption,
    pub(super) connect_timeout: Duration,
}

const PARAMETERS: [&str; 8] = [
    "host",
    "port",
    "user",
    "dbname",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "password",
];

/// What the text and the environment say, by name of libpq.
struct Found<'a> {
    text: Vec<(String, String)>,
    environment: &'a dyn Fn(&str) -> Option<String>,
}

impl Found<'_> {
    fn get(&self, name: &str, variable: &str) -> Option<String> {
        let said = self
            .text
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone());
        said.or_else(|| (self.environment)(variable))
            .filter(|value| !value.is_empty())
    }
}

impl PostgresAddress {
    /// Reads an address; `environment` gives variables.
    ///
    /// **Errors**: everything that is wrong or missing, at once. A password in the text is refused.
    pub fn read(
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, TableError> {
        let text = parts(text).map_err(|what| TableError::Settings(vec![what.to_owned()]))?;
        let found = Found { text, environment };
        let mut wrong = unknown(&found.text);
        let mut need = |name, variable: &str| {
            let value = found.get(name, variable);
            if value.is_none() {
                wrong.push(format!(
                    "the address of the database has no {name}: add it, or set {variable}"
                ));
            }
            value.unwrap_or_default()
        };
        let (host, user) = (need("host", "PGHOST"), need("user", "PGUSER"));
        let port = number(&found, ("port", "PGPORT"), 5432, &mut wrong);
        let seconds = number(
            &found,
            ("connect_timeout", "PGCONNECT_TIMEOUT"),
            10,
            &mut wrong,
        );
        let encryption = encryption(&found, &host, &mut wrong);
        if !wrong.is_empty() {
            return Err(TableError::Settings(wrong));
        }
        Ok(Self {
            database: found
                .get("dbname", "PGDATABASE")
                .unwrap_or_else(|| user.clone()),
            host,
            port,
            user,
            encryption,
            connect_timeout: Duration::from_secs(u64::from(seconds.max(1))),
        })
    }

    /// Names the database and its server in a message, never the user.
    pub fn place(&self) -> String {
        format!(
            "database {} at {}, port {}",
            self.database, self.host, self.port
        )
    }

    /// Whether the host is the folder of a socket on this machine.
    pub(super) fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }
}

fn unknown(said: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, (name, _)) in said.iter().enumerate() {
        if name == "password" {
            wrong.push(
                "a password must not stand in an address: set PGPASSWORD, or use ~/.pgpass".into(),
            );
        } else if !PARAMETERS.contains(&name.as_str()) {
            wrong.push(format!(
                "the address of the database has an unknown setting {name:?}"
            ));
        }
        if said.iter().take(index).any(|(other, _)| other == name) {
            wrong.push(format!("the address of the database says {name} twice"));
        }
    }
    wrong
}

fn number(
    found: &Found<'_>,
    (name, variable): (&str, &str),
    usual: u16,
    wrong: &mut Vec<String>,
) -> u16 {
    let Some(text) = found.get(name, variable) else {
        return usual;
    };
    text.parse()
        .ok()
        .filter(|number| *number != 0)
        .unwrap_or_else(|| {
            wrong.push(format!(
                "{name} of the database: expected a number from 1 to 65535"
            ));
            usual
        })
}

fn encryption(found: &Found<'_>, host: &str, wrong: &mut Vec<String>) -> Encryption {
    let root = found.get("sslrootcert", "PGSSLROOTCERT").map(PathBuf::from);
    let mode = found.get("sslmode", "PGSSLMODE");
    if host.contains(',') {
        wrong.push("expected one host, got several".to_owned());
    }
    if host.starts_with('/') {
        // A socket of this machine is not encrypted, whatever is asked for; libpq does the same.
        return Encryption::Disable;
    }
    let mode = match mode.as_deref() {
        Some("disable") => Encryption::Disable,
        None | Some("prefer") => Encryption::Prefer,
        Some("require") => Encryption::Require,
        Some("verify-full") => return Encryption::Full(root),
        Some(_) => {
            wrong.push("sslmode: expected disable, prefer, require or verify-full".to_owned());
            return Encryption::Require;
        }
    };
    if root.is_some() {
        wrong.push("sslrootcert is given but not used: it needs sslmode=verify-full".to_owned());
    }
    mode
}

/// Takes an address apart into settings by their names.
fn parts(text: &str) -> Result<Vec<(String, String)>, &'static str> {
    const FORM: &str = "expected an address as postgresql://USER@HOST:PORT/NAME?sslmode=require";
    let rest = text
        .strip_prefix("postgresql://")
        .or_else(|| text.strip_prefix("postgres://"))
        .ok_or(FORM)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (place, name) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, place) = place.rsplit_once('@').unwrap_or(("", place));
    let (user, password) = user.split_once(':').map_or((user, ""), |(u, p)| (u, p));
    let (host, port) = match place.strip_prefix('[') {
        Some(six) => {
            let (host, port) = six.split_once(']').ok_or(FORM)?;
            (host, port.strip_prefix(':').unwrap_or(port))
        }
        None => place.split_once(':').unwrap_or((place, "")),
    };
    let said = [
        ("user", user),
        ("password", password),
        ("host", host),
        ("port", port),
    ];
    let mut found = Vec::new();
    for (name, value) in said.into_iter().chain([("dbname", name)]) {
        if !value.is_empty() {
            found.push((name.to_owned(), decoded(value).ok_or(FORM)?));
        }
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(FORM)?;
        found.push((name.to_owned(), decoded(value).ok_or(FORM)?));
    }
    Ok(found)
}

/// Replaces `%2F` and the like.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(
            u8::try_from(high * 16 + low)
                .ok()
                .filter(|byte| *byte != 0)?,
        );
    }
    String::from_utf8(bytes).ok()
}
