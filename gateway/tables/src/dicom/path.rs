//! Where a column's value stands in a data set: `PatientID`, `(0010,0020)`, `ImageType[1]`,
//! `RequestAttributesSequence[0].ScheduledProcedureStepID`, `(0029,"SIEMENS CSA HEADER",10)`.
//!
//! Numbers in brackets count from 0: of an item where a step follows, of a value at the end. At the
//! end also `[min]`, `[max]` and `[count]`: of all values of an element that has several.

use super::element::by_dictionary;
use super::value::{self, Index};
use super::words;
use crate::table::Kind;
use dicom_core::dictionary::VirtualVr;
use dicom_core::{Tag, VR};

/// Longest path, in steps: as deep as sequences are read.
const MAX_STEPS: usize = 16;

/// How a step names its element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Standard(Tag),
    /// By the one who reserved the block: group, creator, last two digits.
    Private(u16, String, u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub name: Name,
    pub index: Index,
}

/// At least one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub steps: Vec<Step>,
    pub kind: Kind,
}

impl Path {
    /// One element of the standard, at the top.
    pub(super) fn of(tag: Tag) -> Path {
        let (name, index) = (Name::Standard(tag), Index::Only);
        Path {
            steps: vec![Step { name, index }],
            kind: Kind::Text,
        }
    }

    /// Whether it is of the file's meta information.
    pub(super) fn is_meta(&self) -> bool {
        let name = self.steps.first().map(|step| &step.name);
        matches!(name, Some(Name::Standard(tag)) if tag.group() == 2)
    }

    /// Whether it asks how many values there are.
    pub(super) fn counts(&self) -> bool {
        self.steps
            .last()
            .is_some_and(|step| step.index == Index::Count)
    }

    /// **Errors**: what is wrong with the path, and what to write.
    pub(super) fn parse(text: &str) -> Result<Path, String> {
        let mut rest = text;
        let mut steps = Vec::new();
        loop {
            let name = name(&mut rest)?;
            let (index, has_index) = index(&mut rest)?;
            let is_last = rest.is_empty();
            let vr = check_type(&name, is_last)?;
            let is_of_all = matches!(index, Index::Min | Index::Max | Index::Count);
            if !is_last && (!has_index || is_of_all) {
                return Err("a sequence needs the number of an item, as `[0]`".to_owned());
            }
            steps.push(Step { name, index });
            if is_last {
                let kind = vr.and_then(value::kind).unwrap_or(Kind::Mixed);
                return Ok(Path { steps, kind });
            }
            rest = rest
                .strip_prefix('.')
                .ok_or("expected `.` between the steps of a path")?;
            if steps.len() == MAX_STEPS {
                return Err(format!("expected at most {MAX_STEPS} steps"));
            }
        }
    }
}

/// The type of a step's element by the dictionary, if it has it.
fn check_type(name: &Name, is_last: bool) -> Result<Option<VirtualVr>, String> {
    let Name::Standard(tag) = name else {
        return Ok(None);
    };
    let vr = by_dictionary(*tag);
    let is_known = vr != VirtualVr::Exact(VR::UN);
    let is_sequence = vr == VirtualVr::Exact(VR::SQ);
    if is_known && !is_last && !is_sequence {
        return Err("expected a sequence before `.`".to_owned());
    }
    if is_last && is_sequence {
        return Err(
            "a sequence has no value: name an element of an item, as `Sequence[0].Element`"
                .to_owned(),
        );
    }
    if is_last && is_known && value::kind(vr).is_none() {
        return Err("its bytes are no value of a column".to_owned());
    }
    Ok(is_known.then_some(vr))
}

fn name(rest: &mut &str) -> Result<Name, String> {
    if rest.starts_with('(') {
        return numbers(rest);
    }
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    words::tag(word).map(Name::Standard)
}

const NUMBERS: &str =
    "expected a tag as `(0010,0020)`, or `(0029,\"CREATOR\",10)` for a private one";

fn numbers(rest: &mut &str) -> Result<Name, String> {
    let inner = rest.strip_prefix('(').ok_or(NUMBERS)?;
    let (group, after) = inner.split_once(',').ok_or(NUMBERS)?;
    let group = hex(group, 4)?;
    let after = after.trim_start();
    if let Some(quoted) = after.strip_prefix('"') {
        let (creator, after) = quoted.split_once('"').ok_or(NUMBERS)?;
        let after = after.trim_start().strip_prefix(',').ok_or(NUMBERS)?;
        let (element, after) = after.split_once(')').ok_or(NUMBERS)?;
        *rest = after;
        let element = u8::try_from(hex(element, 2)?).map_err(|_| NUMBERS)?;
        let is_name = |b: u8| (b' '..=b'~').contains(&b) && b != b'\\';
        if group % 2 == 0 || creator.trim().is_empty() || !creator.bytes().all(is_name) {
            return Err("a private tag has an odd group and a creator in ASCII".to_owned());
        }
        return Ok(Name::Private(group, creator.trim().to_owned(), element));
    }
    let (element, after) = after.split_once(')').ok_or(NUMBERS)?;
    *rest = after;
    let element = hex(element, 4)?;
    if group % 2 == 1 {
        return Err(
            "a private tag stands in another block from file to file: name it by its \
                    creator, as `(0029,\"CREATOR\",10)`"
                .to_owned(),
        );
    }
    if group < 2 || group == 0xfffe {
        return Err("expected a tag that has a value in a file".to_owned());
    }
    Ok(Name::Standard(Tag(group, element)))
}

fn hex(text: &str, digits: usize) -> Result<u16, String> {
    let text = text.trim();
    let good = text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u16::from_str_radix(text, 16).ok().filter(|_| good);
    number.ok_or_else(|| NUMBERS.to_owned())
}

/// Also whether there is one.
fn index(rest: &mut &str) -> Result<(Index, bool), String> {
    const EXPECTED: &str = "expected a number, `min`, `max` or `count` in brackets, as `[0]`";
    let Some(inner) = rest.strip_prefix('[') else {
        return Ok((Index::Only, false));
    };
    let (number, after) = inner.split_once(']').ok_or(EXPECTED)?;
    *rest = after;
    match number {
        "*" => return Ok((Index::Only, true)),
        "min" => return Ok((Index::Min, true)),
        "max" => return Ok((Index::Max, true)),
        "count" => return Ok((Index::Count, true)),
        _ => {}
    }
    let good = (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let number = number.parse().ok().filter(|_| good).ok_or(EXPECTED)?;
    Ok((Index::At(number), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(group: u16, element: u16, index: Index) -> Step {
        let name = Name::Standard(Tag(group, element));
        Step { name, index }
    }

    #[test]
    fn paths_of_every_form() {
        let check = |text: &str, steps: Vec<Step>, kind: Kind| {
            assert_eq!(Path::parse(text), Ok(Path { steps, kind }), "{text}");
        };
        check(
            "PatientID",
            vec![standard(0x10, 0x20, Index::Only)],
            Kind::Text,
        );
        check(
            "(0010,0030)",
            vec![standard(0x10, 0x30, Index::Only)],
            Kind::Date,
        );
        check(
            "ImageType[1]",
            vec![standard(8, 8, Index::At(1))],
            Kind::Text,
        );
        check(
            "Rows",
            vec![standard(0x28, 0x10, Index::Only)],
            Kind::Number,
        );
        check(
            "(0010,fffe)",
            vec![standard(0x10, 0xfffe, Index::Only)],
            Kind::Mixed,
        );
        check(
            "SmallestImagePixelValue",
            vec![standard(0x28, 0x106, Index::Only)],
            Kind::Number,
        );
        check(
            "RequestAttributesSequence[0].ScheduledProcedureStepID",
            vec![
                standard(0x40, 0x275, Index::At(0)),
                standard(0x40, 9, Index::Only),
            ],
            Kind::Text,
        );
        let private = |index| Step {
            name: Name::Private(0x29, "A.B (C) [0]".to_owned(), 0x1f),
            index,
        };
        check(
            r#"(0029,"A.B (C) [0]",1f)"#,
            vec![private(Index::Only)],
            Kind::Mixed,
        );
        check(
            r#"(0029, "A.B (C) [0]", 1F)[*].PatientID"#,
            vec![private(Index::Only), standard(0x10, 0x20, Index::Only)],
            Kind::Text,
        );
    }

    #[test]
    fn one_of_all_values_is_named_by_a_word() {
        for (text, index) in [
            ("PixelSpacing[min]", Index::Min),
            ("PixelSpacing[max]", Index::Max),
            ("PixelSpacing[count]", Index::Count),
        ] {
            let path = Path::parse(text).unwrap();
            assert_eq!(path.steps, [standard(0x28, 0x30, index)], "{text}");
            assert_eq!(path.counts(), index == Index::Count);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let bad = [
            "",
            ".",
            "PatientID.",
            "PatientID.PatientName",
            "PatientID[0].PatientName",
            "RequestAttributesSequence",
            "RequestAttributesSequence[0]",
            "RequestAttributesSequence.PatientID",
            "RequestAttributesSequence[x].PatientID",
            "RequestAttributesSequence[min].PatientID",
            "PixelSpacing[mean]",
            "RequestAttributesSequence[-1].PatientID",
            "PatientID[",
            "PatientID[]",
            "PatientID[9999999999]",
            "PatientID[0]x",
            "(0010,0020",
            "(10,20)",
            "(0010,00200)",
            "(001g,0020)",
            "(0029,1010)",
            "(0028,\"X\",10)",
            "(0029,\"\",10)",
            "(0029,\"é\",10)",
            "(0029,\"A\\B\",10)",
            "(0029,\"X\",100)",
            "(0029,\"X,10)",
            "(fffe,e000)",
            "(0000,0000)",
            "PixelData",
            "(7fe0,0010)",
            "OverlayData",
            "(00é0,0020)",
        ];
        for text in bad {
            assert!(Path::parse(text).is_err(), "{text}");
        }
        let long = "RequestAttributesSequence[0].".repeat(40) + "PatientID";
        assert!(Path::parse(&long).is_err_and(|e| e.contains("steps")));
    }

    #[test]
    fn a_misspelt_keyword_brings_the_nearest() {
        let error = Path::parse("PatientId").unwrap_err();
        assert!(error.contains("PatientID"), "{error}");
        let error = Path::parse("StudyDat").unwrap_err();
        assert!(error.contains("StudyDate"), "{error}");
        let error = Path::parse("Zzzzzzzzzzzzzzzzzz").unwrap_err();
        assert!(error.contains("keyword"), "{error}");
    }
}
