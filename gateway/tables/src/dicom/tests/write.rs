//! Writes small DICOM files, good ones and bad ones.

use crate::dicom::element::Syntax;

pub(super) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(super) const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub(super) const BIG: &str = "1.2.840.10008.1.2.2";
pub(super) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub(super) const UNDEFINED: u32 = u32::MAX;

/// A data set under construction.
#[derive(Clone)]
pub(super) struct Set {
    syntax: Syntax,
    pub out: Vec<u8>,
}

pub(super) fn syntax(uid: &str) -> Syntax {
    match uid {
        IMPLICIT => Syntax::ImplicitLittle,
        BIG => Syntax::ExplicitBig,
        _ => Syntax::ExplicitLittle,
    }
}

impl Set {
    pub(super) fn new(syntax: Syntax) -> Set {
        let out = Vec::new();
        Set { syntax, out }
    }

    fn u16(&mut self, number: u16) {
        self.out.extend(match self.syntax {
            Syntax::ExplicitBig => number.to_be_bytes(),
            _ => number.to_le_bytes(),
        });
    }

    fn u32(&mut self, number: u32) {
        self.out.extend(match self.syntax {
            Syntax::ExplicitBig => number.to_be_bytes(),
            _ => number.to_le_bytes(),
        });
    }

    /// A head alone.
    pub(super) fn head(mut self, tag: (u16, u16), vr: &str, length: u32) -> Set {
        self.u16(tag.0);
        self.u16(tag.1);
        if tag.0 == 0xfffe || self.syntax == Syntax::ImplicitLittle {
            self.u32(length);
            return self;
        }
        self.out.extend(vr.as_bytes());
        let long = "OB OD OF OL OV OW SQ SV UC UN UR UT UV"
            .split(' ')
            .any(|v| v == vr);
        if long {
            self.u16(0);
            self.u32(length);
        } else {
            self.u16(length as u16);
        }
        self
    }

    pub(super) fn bytes(mut self, tag: (u16, u16), vr: &str, value: &[u8]) -> Set {
        self = self.head(tag, vr, value.len() as u32);
        self.out.extend(value);
        self
    }

    /// A text, padded to an even length.
    pub(super) fn text(self, tag: (u16, u16), vr: &str, value: &str) -> Set {
        let mut value = value.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == "UI" { 0 } else { b' ' });
        }
        self.bytes(tag, vr, &value)
    }

    pub(super) fn short(self, tag: (u16, u16), vr: &str, value: u16) -> Set {
        let bytes = match self.syntax {
            Syntax::ExplicitBig => value.to_be_bytes(),
            _ => value.to_le_bytes(),
        };
        self.bytes(tag, vr, &bytes)
    }

    /// A sequence of items, with lengths or with delimiters.
    pub(super) fn items(mut self, tag: (u16, u16), vr: &str, items: &[Set], lengths: bool) -> Set {
        let mut inner = Set::new(self.syntax);
        for item in items {
            let length = if lengths {
                item.out.len() as u32
            } else {
                UNDEFINED
            };
            inner = inner.head((0xfffe, 0xe000), "", length);
            inner.out.extend(&item.out);
            if !lengths {
                inner = inner.head((0xfffe, 0xe00d), "", 0);
            }
        }
        if !lengths {
            inner = inner.head((0xfffe, 0xe0dd), "", 0);
        }
        let length = if lengths {
            inner.out.len() as u32
        } else {
            UNDEFINED
        };
        self = self.head(tag, vr, length);
        self.out.extend(inner.out);
        self
    }
}

/// A file of a data set that is written already.
pub(super) fn file(transfer: &str, set: &[u8]) -> Vec<u8> {
    file_of_class(transfer, "1.2.840.10008.5.1.4.1.1.7", set)
}

pub(super) fn file_of_class(transfer: &str, class: &str, set: &[u8]) -> Vec<u8> {
    let meta = Set::new(Syntax::ExplicitLittle)
        .bytes((2, 0), "UL", &[0; 4])
        .text((2, 2), "UI", class)
        .text((2, 0x10), "UI", transfer);
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    out.extend(meta.out);
    if transfer != DEFLATED {
        out.extend(set);
        return out;
    }
    let mut deflate = flate2::write::DeflateEncoder::new(out, flate2::Compression::fast());
    std::io::Write::write_all(&mut deflate, set).unwrap();
    deflate.finish().unwrap()
}

/// An instance of a series of a study, and more behind that.
pub(super) fn instance(transfer: &str, ids: [&str; 3], rest: impl Fn(Set) -> Set) -> Vec<u8> {
    let [study, series, instance] = ids;
    let set = Set::new(syntax(transfer)).text((8, 0x18), "UI", instance);
    let before = set.text((8, 0x60), "CS", "MR");
    let set = before
        .text((0x20, 0x0d), "UI", study)
        .text((0x20, 0x0e), "UI", series);
    file(transfer, &rest(set).out)
}
