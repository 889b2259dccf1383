//! Elements of DICOM that a draft looks at, by what a row is.
//!
//! Source: DICOM PS3.3, C.7.1 (Patient), C.7.2 (Study), C.7.3 (Series), C.7.5 (Equipment), C.7.6 and
//! C.8 (Image): those of one value, and none that names somebody.

const STUDY: [&str; 8] = [
    "EthnicGroup",
    "PatientAge",
    "PatientBirthDate",
    "PatientSex",
    "PatientSize",
    "PatientWeight",
    "SmokingStatus",
    "StudyDate",
];
const SERIES: [&str; 8] = [
    "BodyPartExamined",
    "Laterality",
    "MagneticFieldStrength",
    "Manufacturer",
    "ManufacturerModelName",
    "Modality",
    "PatientPosition",
    "SeriesDate",
];
const INSTANCE: [&str; 12] = [
    "AcquisitionDate",
    "BitsStored",
    "Columns",
    "ContentDate",
    "EchoTime",
    "KVP",
    "NumberOfFrames",
    "PhotometricInterpretation",
    "RepetitionTime",
    "Rows",
    "SliceThickness",
    "XRayTubeCurrent",
];

/// The elements that all files of a row have alike.
pub(super) fn usual(level: &str) -> impl Iterator<Item = &'static str> + use<> {
    let (series, instance): (&[&str], &[&str]) = match level {
        "instance" => (&SERIES, &INSTANCE),
        "series" => (&SERIES, &[]),
        _ => (&[], &[]),
    };
    STUDY.iter().chain(series).chain(instance).copied()
}
