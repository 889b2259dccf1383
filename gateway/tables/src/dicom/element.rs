//! The head of one data element: tag, value representation, length.
//!
//! Source: DICOM PS3.5, sections 7.1 and 7.5. Own code, and not `dicom-parser`: that one reads an
//! unknown value representation as `UN`, and takes memory for a length before it has the bytes.

use super::source::{Fault, Source};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

pub(super) const ITEM: Tag = Tag(0xfffe, 0xe000);
pub(super) const ITEM_END: Tag = Tag(0xfffe, 0xe00d);
pub(super) const SEQUENCE_END: Tag = Tag(0xfffe, 0xe0dd);

/// How elements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}

impl Syntax {
    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Syntax::ExplicitBig => u16::from_be_bytes(bytes),
            _ => u16::from_le_bytes(bytes),
        }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Syntax::ExplicitBig => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        }
    }
}

/// The head of an element, or of an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub tag: Tag,
    /// `UN` for an item.
    pub vr: VirtualVr,
    /// None: undefined, a delimiter ends it.
    pub length: Option<u32>,
    /// Where the head begins.
    pub at: u64,
}

impl Header {
    /// The tag and where it stands, for messages.
    pub(super) fn place(&self) -> String {
        let Tag(group, element) = self.tag;
        format!("byte {}, element ({group:04x},{element:04x})", self.at)
    }

    pub(super) fn fault(&self, what: &str) -> Fault {
        Fault::What(format!("{}: {what}", self.place()))
    }

    pub(super) fn is(&self, vr: VR) -> bool {
        self.vr == VirtualVr::Exact(vr)
    }
}

/// Reads a head; the value comes next.
pub(super) fn header(source: &mut Source, syntax: Syntax) -> Result<Header, Fault> {
    let at = source.pos();
    let tag = Tag(
        syntax.u16(source.exact::<2>()?),
        syntax.u16(source.exact::<2>()?),
    );
    let done = |vr, length: u32| Header {
        tag,
        vr,
        length: (length != u32::MAX).then_some(length),
        at,
    };
    if tag.group() == 0xfffe {
        let length = syntax.u32(source.exact::<4>()?);
        return Ok(done(VirtualVr::Exact(VR::UN), length));
    }
    if syntax == Syntax::ImplicitLittle {
        let length = syntax.u32(source.exact::<4>()?);
        return Ok(done(by_dictionary(tag), length));
    }
    let Some(vr) = VR::from_binary(source.exact::<2>()?) else {
        let head = done(VirtualVr::Exact(VR::UN), 0);
        return Err(head.fault("expected a value representation of the standard"));
    };
    let length = if has_long_length(vr) {
        source.exact::<2>()?;
        syntax.u32(source.exact::<4>()?)
    } else {
        u32::from(syntax.u16(source.exact::<2>()?))
    };
    Ok(done(VirtualVr::Exact(vr), length))
}

/// The value representation that the dictionary gives a tag; `UN` where it has none.
pub(super) fn by_dictionary(tag: Tag) -> VirtualVr {
    StandardDataDictionary
        .by_tag(tag)
        .map_or(VirtualVr::Exact(VR::UN), DataDictionaryEntry::vr)
}

/// PS3.5, table 7.1-1: these have two reserved bytes and a length of 32 bits.
fn has_long_length(vr: VR) -> bool {
    use VR::*;
    matches!(
        vr,
        OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV
    )
}
