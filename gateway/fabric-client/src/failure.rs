//! What a peer answered in place of a result.

use medveil_fabric_wire::proto::{ErrorDetail, RpcStatus};
use medveil_ledger::{BoxError, LedgerError};
use prost::Message;
use std::fmt;
use tonic::{Code, Status};

/// Longest text of each endorser or orderer that is shown to people.
///
/// **Units**: characters.
const SHOWN: usize = 200;

/// What a peer answered in place of a result, or why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) message: String,
    /// What each endorser or orderer said: MSP id, message.
    pub(super) details: Vec<(String, String)>,
    /// Whether the connection broke: then nobody answered, whatever the code.
    is_broken: bool,
    source: Option<BoxError>,
}

impl Failure {
    /// A call that failed, or a stream that broke.
    pub(super) fn of(status: Status) -> Self {
        // What a peer answered comes as trailers and has no cause; what has one was made on this
        // side.
        if std::error::Error::source(&status).is_some() {
            return Failure {
                code: status.code(),
                message: "the connection broke".to_owned(),
                details: Vec::new(),
                is_broken: true,
                source: Some(status.into()),
            };
        }
        let rpc = RpcStatus::decode(status.details()).unwrap_or_default();
        let detail = |any: &prost_types::Any| {
            let detail = ErrorDetail::decode(any.value.as_slice()).ok()?;
            Some((detail.msp_id, detail.message))
        };
        Failure {
            code: status.code(),
            message: status.message().to_owned(),
            details: rpc.details.iter().filter_map(detail).collect(),
            is_broken: false,
            source: None,
        }
    }

    /// Nobody was there to answer.
    pub(super) fn unreachable(message: impl Into<String>) -> Self {
        Failure {
            code: Code::Unavailable,
            message: message.into(),
            details: Vec::new(),
            is_broken: false,
            source: None,
        }
    }

    /// An answer that makes no sense.
    pub(super) fn senseless(message: &str) -> Self {
        Failure {
            code: Code::Internal,
            message: message.to_owned(),
            details: Vec::new(),
            is_broken: false,
            source: None,
        }
    }

    pub(super) fn because(self, source: impl Into<BoxError>) -> Self {
        Failure {
            source: Some(source.into()),
            ..self
        }
    }

    /// Whether nobody was there to answer.
    pub(super) fn is_unreachable(&self) -> bool {
        self.is_broken || (self.code == Code::Unavailable && self.details.is_empty())
    }

    /// What was said, whole: the details where there are any.
    pub(super) fn messages(&self) -> impl Iterator<Item = &str> {
        let message = self.details.is_empty().then_some(self.message.as_str());
        let details = self.details.iter().map(|(_, text)| text.as_str());
        details.chain(message)
    }

    /// Every text, whole.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let details = self.details.iter().map(|(_, text)| text.as_str());
        details.chain(std::iter::once(self.message.as_str()))
    }
}

/// What was said, for people: the details where there are any, each cut to a length that fits.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.details.is_empty() {
            return f.write_str(&shorten(&self.message));
        }
        for (at, (msp_id, text)) in self.details.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{msp_id}: {}", shorten(text))?;
        }
        Ok(())
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} [...]", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<Failure> for LedgerError {
    fn from(failure: Failure) -> Self {
        if failure.is_unreachable() {
            LedgerError::Unreachable(failure.into())
        } else {
            LedgerError::read(failure)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_of_peers_are_cut_for_people_and_kept_whole_for_decisions() {
        let long = "x".repeat(700);
        let mut failure = Failure::senseless(&long);
        assert!(failure.to_string().len() < 220);
        assert!(failure.texts().any(|text| text == long));
        failure.details = vec![
            ("HospitalA".to_owned(), "no".to_owned()),
            ("B".to_owned(), long),
        ];
        let shown = failure.to_string();
        assert!(
            shown.starts_with("HospitalA: no; B: xxx") && shown.ends_with("[...]"),
            "{shown}"
        );
    }
}
