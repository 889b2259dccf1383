//! The views that make tables of FHIR resources.

use super::error::SourceError;
use medveil_sql_on_fhir::ViewDefinition;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// The views that ship with the program.
const SHIPPED: [&str; 5] = [
    include_str!("../data/views/patients.json"),
    include_str!("../data/views/conditions.json"),
    include_str!("../data/views/observations.json"),
    include_str!("../data/views/blood_pressure.json"),
    include_str!("../data/views/encounters.json"),
];
/// Largest view.
///
/// **Units**: bytes.
const LONGEST: u64 = 1 << 20;
/// Most views of one source.
const MOST: usize = 100;

struct View {
    name: String,
    view: ViewDefinition,
    digest: [u8; 32],
}

/// The views of a source, each with a name.
pub struct Views(Vec<View>);

impl Views {
    /// Those that ship with the program: `patients`, `conditions`, `observations`,
    /// `blood_pressure`, `encounters`.
    ///
    /// **Errors**: none in a released build; a test reads them.
    pub fn shipped() -> Result<Self, SourceError> {
        let texts = SHIPPED
            .iter()
            .map(|text| ("shipped view".as_ref(), (*text).to_owned()));
        Views::of(texts)
    }

    /// A file with a ViewDefinition, or a folder of them (`.json`).
    ///
    /// **Errors**: it cannot be read; every problem of a view; two of one name.
    pub fn read(path: &Path) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io {
            path: path.to_owned(),
            source,
        };
        let mut files = Vec::new();
        if fs::metadata(path).map_err(io)?.is_dir() {
            for entry in fs::read_dir(path).map_err(io)? {
                let file = entry.map_err(io)?.path();
                if file.extension().is_some_and(|e| e == "json") && file.is_file() {
                    files.push(file);
                }
            }
            files.sort();
        } else {
            files.push(path.to_owned());
        }
        if files.is_empty() || files.len() > MOST {
            return Err(SourceError::Unsuitable {
                path: path.to_owned(),
                what: format!("expected 1 to {MOST} views (.json), got {}", files.len()),
            });
        }
        let mut texts = Vec::with_capacity(files.len());
        for file in &files {
            texts.push((file.as_path(), text(file)?));
        }
        Views::of(texts.into_iter())
    }

    fn of<'p>(texts: impl Iterator<Item = (&'p Path, String)>) -> Result<Self, SourceError> {
        let mut views: Vec<View> = Vec::new();
        for (path, text) in texts {
            let unsuitable = |what: String| SourceError::Unsuitable {
                path: path.to_owned(),
                what,
            };
            let view =
                ViewDefinition::parse(&text).map_err(|problems| SourceError::ViewProblems {
                    path: path.to_owned(),
                    problems,
                })?;
            let name = view.name().map(str::to_owned);
            let name = name.ok_or_else(|| unsuitable("expected a view with a name".to_owned()))?;
            if views.iter().any(|view| view.name == name) {
                return Err(unsuitable(format!("a second view of the name {name}")));
            }
            views.push(View {
                name,
                view,
                digest: Sha256::digest(text.as_bytes()).into(),
            });
        }
        Ok(Views(views))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &ViewDefinition)> {
        self.0.iter().map(|view| (view.name.as_str(), &view.view))
    }

    /// Names and SHA-256 of the views' texts.
    pub fn digests(&self) -> impl Iterator<Item = (&str, [u8; 32])> {
        self.0.iter().map(|view| (view.name.as_str(), view.digest))
    }

    pub(crate) fn view(&self, at: usize) -> Option<&ViewDefinition> {
        self.0.get(at).map(|view| &view.view)
    }

    pub(crate) fn resource(&self, at: usize) -> Option<&str> {
        self.view(at).map(ViewDefinition::resource)
    }
}

fn text(path: &Path) -> Result<String, SourceError> {
    use std::io::{Error, ErrorKind, Read};
    let io = |source| SourceError::Io {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    // A pipe that nobody writes to would never open.
    if !fs::metadata(path).map_err(io)?.is_file() {
        let expected = "expected a plain file";
        return Err(io(Error::new(ErrorKind::InvalidInput, expected)));
    }
    let file = fs::File::open(path).map_err(io)?;
    file.take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(io)?;
    if text.len() as u64 > LONGEST {
        return Err(SourceError::TooLarge {
            path: path.to_owned(),
            limit: LONGEST,
            size: text.len() as u64,
        });
    }
    Ok(text)
}
