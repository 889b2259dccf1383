//! Reads and writes that go to a peer together, where it says that it takes them so: Fabric 3.1 and
//! later, in what it sends when it is ready.

use fabric_shim_protos::peer::{ChaincodeAdditionalParams, WriteBatchState, WriteRecord};
use prost::Message;

/// Most reads or writes of one message, whatever a peer says.
const MOST: u32 = 1_000;
/// Values that wait to be written go before they are more than this.
///
/// **Units**: bytes.
const MOST_BYTES: usize = 1 << 20;

/// How many reads and writes a peer takes together; one where it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batches {
    pub writes: usize,
    pub reads: usize,
}

impl Batches {
    pub const NONE: Batches = Batches {
        writes: 1,
        reads: 1,
    };

    /// Of the payload of a peer's READY. One that cannot be read says nothing.
    pub fn of(ready: &[u8]) -> Self {
        let said = ChaincodeAdditionalParams::decode(ready).unwrap_or_default();
        let most = |taken: bool, most: u32| match taken {
            true => most.clamp(1, MOST) as usize,
            false => 1,
        };
        Batches {
            writes: most(said.use_write_batch, said.max_size_write_batch),
            reads: most(said.use_get_multiple_keys, said.max_size_get_multiple_keys),
        }
    }
}

/// Writes that wait, in their order.
#[derive(Default)]
pub(crate) struct Waiting {
    records: Vec<WriteRecord>,
    bytes: usize,
}

impl Waiting {
    /// Takes one more; gives back those before it where there is no room for it.
    pub fn add(&mut self, record: WriteRecord, most: usize) -> Option<WriteBatchState> {
        let bytes = record.key.len() + record.value.len();
        let is_full = self.records.len() >= most || self.bytes.saturating_add(bytes) > MOST_BYTES;
        let before = if is_full { self.take() } else { None };
        self.bytes = self.bytes.saturating_add(bytes);
        self.records.push(record);
        before
    }

    /// All that wait, where there are any.
    pub fn take(&mut self) -> Option<WriteBatchState> {
        self.bytes = 0;
        let rec = std::mem::take(&mut self.records);
        (!rec.is_empty()).then_some(WriteBatchState { rec })
    }
}

#[cfg(test)]
mod tests;
