//! Which characters the bytes of a text stand for: Specific Character Set (0008,0005).
//!
//! Source: DICOM PS3.3, section C.12.1.1.2, and PS3.5, chapter 6 and annexes H to K. Strict: bytes
//! that stand for no character are refused and never replaced, which is why this is not the
//! decoder of `dicom-encoding`.

use super::iso2022::{self, Sets};
use encoding_rs::{Encoding, GB18030, GBK};

/// How the texts of a data set are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// Two or four bytes a character, any of which may look like `\`.
    Chinese(&'static Encoding),
    Sets(Sets),
}

/// How a text is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// `\` stands between values.
    pub several: bool,
    /// `^` and `=` stand between the parts of a name, where code extensions begin anew.
    pub name: bool,
}

impl Default for Charset {
    /// ISO-IR 6, where nothing is said.
    fn default() -> Charset {
        Charset::Sets(Sets::default())
    }
}

impl Charset {
    /// From the values of Specific Character Set. **Errors**: a set that is not read, by name.
    pub(super) fn of(terms: &[&str]) -> Result<Charset, String> {
        match terms {
            ["ISO_IR 192"] => Ok(Charset::Utf8),
            ["GB18030"] => Ok(Charset::Chinese(GB18030)),
            ["GBK"] => Ok(Charset::Chinese(GBK)),
            _ => match terms.iter().find(|t| !iso2022::is_known(t)) {
                Some(term) => Err(unknown(term)),
                None => Sets::of(terms).map(Charset::Sets),
            },
        }
    }

    /// The values of a text.
    pub(super) fn values(&self, bytes: &[u8], parts: Parts) -> Result<Vec<String>, String> {
        let whole = match self {
            Charset::Sets(sets) => return sets.values(bytes, parts),
            Charset::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Charset::Chinese(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(|text| text.into_owned()),
        };
        let whole =
            whole.ok_or_else(|| format!("expected text in {}, as the file says", self.name()))?;
        Ok(match parts.several {
            true => whole.split('\\').map(str::to_owned).collect(),
            false => vec![whole],
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8 (ISO_IR 192)",
            Charset::Chinese(encoding) => encoding.name(),
            Charset::Sets(_) => "its character set",
        }
    }
}

/// Names a set only where it looks like one: in a damaged file anything may stand there.
fn unknown(term: &str) -> String {
    let good = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b" _-.".contains(&b);
    match term.starts_with("ISO") && term.len() <= 24 && term.bytes().all(good) {
        true => format!("character set {term} is not read here: write the file in ISO_IR 192"),
        false => "expected a character set that the standard defines, alone where it allows no \
                  other beside it"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Parts = Parts {
        several: false,
        name: false,
    };
    const MANY: Parts = Parts {
        several: true,
        name: false,
    };

    fn check(terms: &[&str], bytes: &[u8], expected: &[&str]) {
        let set = Charset::of(terms).unwrap();
        assert_eq!(set.values(bytes, MANY).unwrap(), expected, "{terms:?}");
    }

    fn refused(terms: &[&str], bytes: &[u8]) {
        assert!(
            Charset::of(terms).unwrap().values(bytes, MANY).is_err(),
            "{terms:?} {bytes:x?}"
        );
    }

    #[test]
    fn single_byte_sets() {
        check(&[""], b"a\\b", &["a", "b"]);
        check(&["ISO_IR 100"], b"M\xfcller", &["Müller"]);
        check(&["ISO_IR 101"], b"\xb3", &["ł"]);
        check(&["ISO_IR 144"], b"\xb9", &["Й"]);
        check(&["ISO_IR 126"], b"\xe1", &["α"]);
        check(&["ISO_IR 138"], b"\xf9", &["ש"]);
        check(&["ISO_IR 148"], b"\xf0", &["ğ"]);
        check(&["ISO_IR 203"], b"\xa4", &["€"]);
        check(&["ISO_IR 166"], b"\xa1", &["ก"]);
        check(&["ISO_IR 13"], "\u{5c}".as_bytes(), &["", ""]);
        check(&["ISO_IR 13"], b"\xd4~", &["ﾔ‾"]);
        refused(&[""], b"\xfc");
        refused(&["ISO_IR 100"], b"\x85");
        refused(&["ISO_IR 166"], b"\xa0");
        refused(&["ISO_IR 166"], b"\xfc");
        refused(&["ISO_IR 13"], b"\xe0");
        refused(&["ISO_IR 100"], b"\x1b-Fa");
    }

    #[test]
    fn whole_encodings() {
        check(&["ISO_IR 192"], "é\\山".as_bytes(), &["é", "山"]);
        refused(&["ISO_IR 192"], b"\xff");
        refused(&["ISO_IR 192"], b"\xed\xa0\x80");
        // 0x5c is the second byte of a character here.
        let bytes = GB18030.encode("乗\\王").0.into_owned();
        assert!(bytes.iter().filter(|&&b| b == 0x5c).count() > 1);
        check(&["GB18030"], &bytes, &["乗", "王"]);
        check(&["GBK"], &bytes, &["乗", "王"]);
        refused(&["GB18030"], b"\x81");
        let utf8 = Charset::of(&["ISO_IR 192"]).unwrap();
        assert_eq!(utf8.values(b"a\\b", ONE).unwrap(), ["a\\b"]);
    }

    #[test]
    fn unknown_sets_are_named_only_if_they_look_like_one() {
        let error = Charset::of(&["ISO_IR 999"]).unwrap_err();
        assert!(error.contains("ISO_IR 999"));
        assert!(!Charset::of(&["Doe^John"]).unwrap_err().contains("Doe"));
        assert!(Charset::of(&["ISO 2022 IR 6", "ISO_IR 192"]).is_err());
        assert!(Charset::of(&["", "GB18030"]).is_err());
    }
}
