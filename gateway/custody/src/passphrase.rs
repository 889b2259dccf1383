//! Where a passphrase comes from: a prompt, the first line of a file, or an environment variable.

use super::error::CustodyError;
use super::files::read_secret_file;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Fewest characters of a new passphrase.
pub const MIN_CHARS: usize = 8;
/// Longest passphrase.
///
/// **Units**: bytes.
pub const MAX_BYTES: u64 = 1024;

/// A passphrase: zeroised when dropped, never printed.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a text.
    ///
    /// **Errors**: it is empty or longer than 1024 bytes.
    pub fn new(text: String) -> Result<Self, CustodyError> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(CustodyError::Passphrase("expected one, got nothing"));
        }
        if text.len() as u64 > MAX_BYTES {
            return Err(CustodyError::Passphrase("expected at most 1024 bytes"));
        }
        Ok(Passphrase(text))
    }

    /// The bytes that are stretched.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Checks that it may protect a new vault.
    pub(super) fn check_new(&self) -> Result<(), CustodyError> {
        if self.0.chars().count() < MIN_CHARS {
            Err(CustodyError::Passphrase("expected at least 8 characters"))
        } else {
            Ok(())
        }
    }
}

/// Where to get a passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassphraseSource {
    /// Ask on the terminal, without echo.
    Prompt,
    /// The first line of a file of mode 0600.
    File(PathBuf),
    /// The value of an environment variable.
    Env(String),
}

impl PassphraseSource {
    /// Gets the passphrase of an existing vault; `whose` stands in the prompt.
    ///
    /// **Errors**: the file is readable by others or empty, the variable is not set, or there is no
    /// terminal.
    pub fn get(&self, whose: &str) -> Result<Passphrase, CustodyError> {
        match self {
            PassphraseSource::Prompt => ask(&format!("Passphrase of {whose}: "), whose),
            PassphraseSource::File(path) => {
                let bytes = read_secret_file(path, MAX_BYTES + 2).map_err(of_passphrase)?;
                let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                let text = std::str::from_utf8(line)
                    .map_err(|_| CustodyError::Passphrase("expected utf-8 in the file"))?;
                Passphrase::new(text.to_owned())
            }
            PassphraseSource::Env(name) => match std::env::var(name) {
                Ok(text) => Passphrase::new(text),
                Err(_) => Err(CustodyError::Passphrase(
                    "the environment variable is not set, or no utf-8",
                )),
            },
        }
    }

    /// Gets the passphrase for a new vault; a prompt asks twice.
    ///
    /// **Errors**: as `get`; also when the two differ or it is shorter than 8 characters.
    pub fn get_new(&self, whose: &str) -> Result<Passphrase, CustodyError> {
        let first = self.get(whose)?;
        first.check_new()?;
        if *self == PassphraseSource::Prompt
            && ask("The same again: ", whose)?.as_bytes() != first.as_bytes()
        {
            return Err(CustodyError::Passphrase("the two differ"));
        }
        Ok(first)
    }
}

/// Says that the file is the passphrase file.
fn of_passphrase(error: CustodyError) -> CustodyError {
    match error {
        CustodyError::Io { path, source, .. } => CustodyError::Io {
            action: "passphrase file",
            path,
            source,
        },
        other => other,
    }
}

fn ask(prompt: &str, whose: &str) -> Result<Passphrase, CustodyError> {
    let text = rpassword::prompt_password(prompt);
    let text = text.map_err(|source| CustodyError::NoTerminal {
        whose: whose.to_owned(),
        source,
    })?;
    Passphrase::new(text)
}
