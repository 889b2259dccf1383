//! One file: its columns and its identifiers.

use super::element::Syntax;
use super::frame::Target;
use super::path::Path as TagPath;
use super::pixels::Ask;
use super::settings::{Column, DicomLevel, DicomLimits, Source as ColumnSource};
use super::source::{Fault, Source};
use super::walk;
use crate::error::TableError;
use crate::table::Scalar;
use dicom_core::Tag;
use std::path::Path;

const DIRECTORY_STORAGE: &str = "1.2.840.10008.1.3.10";

/// Columns, sorted by where they are read.
pub(super) struct Plan {
    pub columns: Vec<Column>,
    pub level: DicomLevel,
    /// Study, series, instance, and who gave the patient's number.
    identifiers: [TagPath; 4],
    /// The column that is the patient's number.
    patient: Option<usize>,
    ask: Ask,
}

/// What one file says.
pub(super) struct Instance {
    /// As many as there are columns.
    pub cells: Vec<Scalar>,
    /// Where the level needs it.
    pub study: Option<String>,
    pub series: Option<String>,
    pub instance: String,
    /// The patient's number and who gave it, where the number is a column and both are there.
    pub patient: Option<(String, String)>,
}

/// What the file's meta information says.
pub(super) struct Meta {
    pub is_directory: bool,
    syntax: Scalar,
    values: Vec<Scalar>,
}

impl Plan {
    pub(super) fn new(columns: Vec<Column>, level: DicomLevel) -> Plan {
        let has = |source| columns.iter().any(|c| c.source == source);
        let ask = match (
            has(ColumnSource::PixelSha256),
            has(ColumnSource::PixelBytes),
        ) {
            (true, _) => Ask::Hash,
            (false, true) => Ask::Bytes,
            (false, false) => Ask::Nothing,
        };
        let identifiers = [
            TagPath::of(Tag(0x0020, 0x000d)),
            TagPath::of(Tag(0x0020, 0x000e)),
            TagPath::of(Tag(0x0008, 0x0018)),
            TagPath::of(Tag(0x0010, 0x0021)),
        ];
        let number = ColumnSource::Element(TagPath::of(Tag(0x0010, 0x0020)));
        Plan {
            patient: columns.iter().position(|column| column.source == number),
            columns,
            level,
            identifiers,
            ask,
        }
    }

    /// The columns of the meta information, or the others.
    fn targets(&self, is_meta: bool) -> Vec<(usize, Target<'_>)> {
        let path = |column: &'_ Column| match &column.source {
            ColumnSource::Element(path) => Some(path.is_meta() == is_meta),
            _ => None,
        };
        let chosen = self.columns.iter().enumerate();
        chosen
            .filter(|(_, column)| path(column) == Some(true))
            .filter_map(|(place, column)| match &column.source {
                ColumnSource::Element(path) => {
                    let name = &column.name;
                    Some((place, Target { name, path }))
                }
                _ => None,
            })
            .collect()
    }

    /// Reads a file. **Cost**: bytes up to the last element of the data set, but the heads alone of
    /// what is not asked for.
    pub(super) fn read(&self, path: &Path, limits: &DicomLimits) -> Result<Instance, TableError> {
        self.read_file(path, limits).map_err(|fault| fault.at(path))
    }

    fn read_file(&self, path: &Path, limits: &DicomLimits) -> Result<Instance, Fault> {
        let mut source = Source::open(path)?;
        if !source.mark()? {
            return Err(Fault::what(
                "expected the mark DICM at byte 128, as when it was listed",
            ));
        }
        let (places, targets): (Vec<_>, Vec<_>) = self.targets(true).into_iter().unzip();
        let meta = meta(&mut source, &targets, limits)?;
        let mut cells: Vec<Scalar> = self.columns.iter().map(|_| Scalar::Null).collect();
        place(&mut cells, &places, meta.values);

        let (syntax, is_deflated) = transfer(&meta.syntax)?;
        if is_deflated {
            source = source.inflate(limits.inflated_bytes);
        }
        let (places, mut targets): (Vec<_>, Vec<_>) = self.targets(false).into_iter().unzip();
        let names = [
            "StudyInstanceUID",
            "SeriesInstanceUID",
            "SOPInstanceUID",
            "IssuerOfPatientID",
        ];
        let n = names.len() - usize::from(self.patient.is_none());
        let own = self.identifiers.iter().zip(names).take(n);
        targets.extend(own.map(|(path, name)| Target { name, path }));
        let mut found = walk::data_set(&mut source, syntax, &targets, self.ask, limits)?;

        let identifiers = found.values.split_off(places.len());
        place(&mut cells, &places, found.values);
        for (column, cell) in self.columns.iter().zip(&mut cells) {
            let value = match column.source {
                ColumnSource::PixelSha256 => found.pixels.sha256.clone().map(Scalar::Text),
                ColumnSource::PixelBytes => {
                    found.pixels.bytes.map(|n| Scalar::Number(n.to_string()))
                }
                ColumnSource::Element(_) => continue,
            };
            *cell = value.unwrap_or(Scalar::Null);
        }
        self.instance(cells, identifiers)
    }

    fn instance(&self, cells: Vec<Scalar>, found: Vec<Scalar>) -> Result<Instance, Fault> {
        let mut found = found.into_iter();
        let needs_study = self.level != DicomLevel::Instance;
        let needs_series = self.level == DicomLevel::Series;
        let study = identifier(found.next(), "StudyInstanceUID (0020,000d)", needs_study)?;
        let series = identifier(found.next(), "SeriesInstanceUID (0020,000e)", needs_series)?;
        let name = "SOPInstanceUID (0008,0018)";
        let instance = identifier(found.next(), name, true)?;
        let number = self.patient.and_then(|at| cells.get(at));
        let patient = match (number, found.next()) {
            (Some(Scalar::Text(number)), Some(Scalar::Text(issuer))) if !issuer.is_empty() => {
                Some((number.clone(), issuer))
            }
            _ => None,
        };
        Ok(Instance {
            patient,
            cells,
            study,
            series,
            instance: instance.unwrap_or_default(),
        })
    }
}

fn place(cells: &mut [Scalar], places: &[usize], values: Vec<Scalar>) {
    for (place, value) in places.iter().zip(values) {
        if let Some(cell) = cells.get_mut(*place) {
            *cell = value;
        }
    }
}

/// Reads the meta information behind the mark.
pub(super) fn meta(
    source: &mut Source,
    targets: &[Target<'_>],
    limits: &DicomLimits,
) -> Result<Meta, Fault> {
    let (class, syntax) = (TagPath::of(Tag(2, 2)), TagPath::of(Tag(2, 0x10)));
    let mut targets = targets.to_vec();
    targets.push(Target {
        name: "MediaStorageSOPClassUID",
        path: &class,
    });
    targets.push(Target {
        name: "TransferSyntaxUID",
        path: &syntax,
    });
    let mut values = walk::group_2(source, &targets, limits)?;
    let syntax = values.pop().unwrap_or(Scalar::Null);
    let class = values.pop().unwrap_or(Scalar::Null);
    Ok(Meta {
        is_directory: matches!(class, Scalar::Text(class) if class == DIRECTORY_STORAGE),
        syntax,
        values,
    })
}

/// How a transfer syntax writes elements, and whether it deflates them.
///
/// Source: DICOM PS3.5, annex A; PS3.6, table A-1.
fn transfer(uid: &Scalar) -> Result<(Syntax, bool), Fault> {
    let Scalar::Text(uid) = uid else {
        return Err(Fault::what(
            "expected TransferSyntaxUID (0002,0010) in the file's head",
        ));
    };
    let code = uid.strip_prefix("1.2.840.10008.1.2");
    Ok(match code {
        Some("") => (Syntax::ImplicitLittle, false),
        Some(".2") => (Syntax::ExplicitBig, false),
        // The two of JPIP refer to pixels elsewhere.
        Some(".1.99" | ".4.95" | ".4.206") => (Syntax::ExplicitLittle, true),
        Some(".1" | ".1.98" | ".5" | ".8.1") => (Syntax::ExplicitLittle, false),
        Some(code) if code.starts_with(".4.") => (Syntax::ExplicitLittle, false),
        _ => {
            return Err(Fault::what(
                "expected a transfer syntax of the standard for files: write the file in Explicit \
                 VR Little Endian",
            ));
        }
    })
}

fn identifier(value: Option<Scalar>, name: &str, needed: bool) -> Result<Option<String>, Fault> {
    match value {
        Some(Scalar::Text(uid)) => {
            let good = uid.len() <= 64 && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            match good || !needed {
                true => Ok(Some(uid)),
                false => Err(Fault::What(format!(
                    "{name}: expected at most 64 digits and points"
                ))),
            }
        }
        _ if needed => Err(Fault::What(format!(
            "expected {name}, by which rows are told apart"
        ))),
        _ => Ok(None),
    }
}
