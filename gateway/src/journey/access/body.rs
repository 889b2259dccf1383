//! The body of a request: what only those who decide see, and what the proof binds by its digest.

use super::AccessError;
use crate::infile;
use crate::session::Session;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::eligibility::hidden_study;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::visa::{fresh_felt, study_hash};
use medveil_contract::model::RequestEntry;
use medveil_custody::sealing::MAX_BODY;
use rand::RngCore;
use std::path::Path;

/// Longest letter: a body of the largest size holds it, a study and a media type.
///
/// **Units**: bytes.
pub const LONGEST_LETTER: usize = MAX_BODY - 4096;
/// Longest name of a study.
///
/// **Units**: bytes.
pub const LONGEST_STUDY: usize = 1024;
const LONGEST_TYPE: usize = 127;
const FORMAT: [u8; 17] = *b"medveil-request-1";

/// A file that goes with a request; empty where there is none.
#[derive(Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) struct Letter {
    /// Such as `text/plain`; empty where there is no letter.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl Letter {
    /// Reads a letter, whose type is what was given, or what its name says.
    ///
    /// **Errors**: no such file; too long; a type that is none; text that is no text.
    pub fn read(path: &Path, media_type: Option<&str>) -> Result<Self, AccessError> {
        let io = |source| AccessError::LetterFile {
            path: path.to_owned(),
            source,
        };
        let guessed = mime_guess::from_path(path).first_or_octet_stream();
        let media_type = media_type.unwrap_or(guessed.essence_str()).to_owned();
        let bytes = infile::bytes(path, LONGEST_LETTER as u64).map_err(io)?;
        let letter = Letter { media_type, bytes };
        letter.check()?;
        Ok(letter)
    }

    fn check(&self) -> Result<(), AccessError> {
        if !is_media_type(&self.media_type) {
            let got = self.media_type.clone();
            return Err(AccessError::LetterType { got });
        }
        if self.media_type.starts_with("text/") {
            std::str::from_utf8(&self.bytes).map_err(AccessError::LetterText)?;
        }
        Ok(())
    }

    /// Digest of type and bytes: whether two asks are the same one.
    pub fn digest(&self) -> Digest {
        Digest::of(&[self.media_type.as_bytes(), &[0], &self.bytes].concat())
    }

    /// Its text, where it is one.
    pub fn text(&self) -> Option<&str> {
        let is_text = self.media_type.starts_with("text/");
        std::str::from_utf8(&self.bytes).ok().filter(|_| is_text)
    }
}

/// `type/subtype` in the characters of RFC 6838.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        let first = name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        first
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let parts = text.split_once('/');
    text.len() <= LONGEST_TYPE && parts.is_some_and(|(a, b)| is_name(a) && is_name(b))
}

/// What only those who decide see.
#[derive(BorshSerialize, BorshDeserialize)]
pub(super) struct RequestBody {
    format: [u8; 17],
    /// Hides the rest behind its digest.
    salt: [u8; 16],
    pub study: String,
    pub study_salt: Felt,
    pub letter: Letter,
}

impl RequestBody {
    /// A body with fresh salts.
    ///
    /// **Errors**: a study of no or too many letters.
    pub fn new(session: &Session, study: &str, letter: Letter) -> Result<Self, AccessError> {
        let mut rng = session.rng();
        let mut salt = [0u8; 16];
        rng.fill_bytes(&mut salt);
        let body = RequestBody {
            format: FORMAT,
            salt,
            study: study.to_owned(),
            study_salt: fresh_felt(&mut rng),
            letter,
        };
        body.check_study()?;
        Ok(body)
    }

    fn check_study(&self) -> Result<(), AccessError> {
        match self.study.len() {
            1..=LONGEST_STUDY => Ok(()),
            got => Err(AccessError::Study { got }),
        }
    }

    /// The bytes whose SHA-256 the proof names.
    ///
    /// **Errors**: none but of memory.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AccessError> {
        borsh::to_vec(self).map_err(AccessError::Encode)
    }

    /// Reads a body that somebody else made.
    ///
    /// **Errors**: not of this form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AccessError> {
        let body = RequestBody::try_from_slice(bytes).map_err(AccessError::BodyForm)?;
        let form = || AccessError::BodyForm(std::io::ErrorKind::InvalidData.into());
        let has_letter = !body.letter.media_type.is_empty() || !body.letter.bytes.is_empty();
        if body.format != FORMAT || body.check_study().is_err() {
            return Err(form());
        }
        if has_letter && !is_media_type(&body.letter.media_type) {
            return Err(form());
        }
        Ok(body)
    }

    /// Opens what a request names: its digest, and its study behind the hash.
    ///
    /// **Errors**: the body is another one than the proof was made with, or its study is.
    pub fn of(entry: &RequestEntry, bytes: &[u8]) -> Result<Self, AccessError> {
        if Digest::of(bytes) != entry.body {
            return Err(AccessError::OtherBody);
        }
        let body = RequestBody::from_bytes(bytes)?;
        if hidden_study(study_hash(&body.study), body.study_salt) != entry.hidden_study {
            return Err(AccessError::OtherStudy);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Classify, Kind};

    #[test]
    fn letters_are_read_up_to_their_limit_with_their_type() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let text = write("letter.txt", "Grüße".as_bytes());
        let letter = Letter::read(&text, None).unwrap();
        assert_eq!(
            (letter.media_type.as_str(), letter.text()),
            ("text/plain", Some("Grüße"))
        );
        let pdf = write("letter.pdf", b"%PDF-1.7");
        assert_eq!(
            Letter::read(&pdf, None).unwrap().media_type,
            "application/pdf"
        );
        let typed = Letter::read(&pdf, Some("application/x-letter")).unwrap();
        assert_eq!(
            (typed.media_type.as_str(), typed.text()),
            ("application/x-letter", None)
        );
        let large = write("large", &vec![0; LONGEST_LETTER + 1]);
        let none = folder.path().join("none");
        let latin = write("latin.txt", &[b'G', 0xfc]);
        for (path, given, kind) in [
            (&large, None, Kind::Input),
            (&none, None, Kind::NotFound),
            (&latin, None, Kind::Input),
            (&pdf, Some("pdf"), Kind::Input),
            (&pdf, Some("text/\x1b[31m"), Kind::Input),
        ] {
            let refused = Letter::read(path, given).err().expect("a refusal");
            assert_eq!(refused.kind(), kind, "{refused}");
        }
        std::fs::write(&large, vec![0; LONGEST_LETTER]).unwrap();
        assert!(Letter::read(&large, None).is_ok());
    }
}
