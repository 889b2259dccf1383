//! Private arguments of recorded calls, put together again from the private values that the calls
//! wrote.
//!
//! They are not on the chain, only their hashes are. Where a member still keeps the values, the
//! call can be executed again.

use medveil_contract::call::transient::{
    PACKAGE, PAGES, PagesPart, REQUEST, SealedRequest, StoredChunk,
};
use medveil_contract::model::Entry;
use medveil_embedded::Transient;
use medveil_embedded_wire::PrivateWrite;

/// The private arguments of a call that wrote these private values; none where they cannot be told.
pub(super) fn rebuild(args: &[Vec<u8>], private: &[PrivateWrite]) -> Option<Transient> {
    let starting = |prefix: &str| {
        private
            .iter()
            .find(|w| w.key.starts_with(prefix))
            .map(|w| w.value.clone())
    };
    let (name, value) = match args.first().map(Vec::as_slice)? {
        b"RequestAccess" => {
            let sealed = SealedRequest::from_entry_bytes(&starting("request/")?).ok()?;
            (REQUEST, borsh::to_vec(&sealed).ok()?)
        }
        b"HandOverKey" => (PACKAGE, starting("handover/")?),
        b"StorePages" => {
            let chunks = private
                .iter()
                .map(|w| StoredChunk::from_entry_bytes(&w.value).ok());
            let mut part = PagesPart {
                chunks: chunks.collect::<Option<_>>()?,
            };
            part.chunks.sort_by_key(|c| c.chunk);
            (PAGES, borsh::to_vec(&part).ok()?)
        }
        _ => return None,
    };
    Some(Transient::from([(name.to_string(), value)]))
}
