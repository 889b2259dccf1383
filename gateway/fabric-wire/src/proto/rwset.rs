//! Read-write sets (`ledger/rwset/rwset.proto`, `ledger/rwset/kvrwset/kv_rwset.proto`).

use prost::Message;

messages! {
    /// Reads and writes of a transaction, by chaincode.
    TxReadWriteSet {
        #[prost(int32, tag = "1")] data_model: i32,
        #[prost(message, repeated, tag = "2")] ns_rwset: Vec<NsReadWriteSet>,
    }
    /// Reads and writes of one chaincode.
    NsReadWriteSet {
        #[prost(string, tag = "1")] namespace: String,
        #[prost(bytes = "vec", tag = "2")] rwset: Vec<u8>,
        #[prost(message, repeated, tag = "3")] collection_hashed_rwset: Vec<CollectionHashedReadWriteSet>,
    }
    /// Hashed reads and writes of one collection.
    CollectionHashedReadWriteSet {
        #[prost(string, tag = "1")] collection_name: String,
        #[prost(bytes = "vec", tag = "2")] hashed_rwset: Vec<u8>,
        #[prost(bytes = "vec", tag = "3")] pvt_rwset_hash: Vec<u8>,
    }
    /// Public reads and writes.
    KvRwSet {
        #[prost(message, repeated, tag = "1")] reads: Vec<KvRead>,
        #[prost(message, repeated, tag = "3")] writes: Vec<KvWrite>,
        #[prost(message, repeated, tag = "4")] metadata_writes: Vec<KvMetadataWrite>,
    }
    /// A key that was read, and the version that was seen; none where there was no value.
    KvRead {
        #[prost(string, tag = "1")] key: String,
        #[prost(message, optional, tag = "2")] version: Option<KvVersion>,
    }
    /// Where a value was written.
    KvVersion {
        #[prost(uint64, tag = "1")] block_num: u64,
        #[prost(uint64, tag = "2")] tx_num: u64,
    }
    KvWrite {
        #[prost(string, tag = "1")] key: String,
        #[prost(bool, tag = "2")] is_delete: bool,
        #[prost(bytes = "vec", tag = "3")] value: Vec<u8>,
    }
    /// A change of what belongs to a key and is not its value; the key is a text or a hash.
    KvMetadataWrite {
        #[prost(bytes = "vec", tag = "1")] key: Vec<u8>,
    }
    /// Private reads and writes, as everybody sees them.
    HashedRwSet {
        #[prost(message, repeated, tag = "1")] hashed_reads: Vec<KvReadHash>,
        #[prost(message, repeated, tag = "2")] hashed_writes: Vec<KvWriteHash>,
        #[prost(message, repeated, tag = "3")] metadata_writes: Vec<KvMetadataWrite>,
    }
    /// A private key that was read, by its hash, and the version that was seen.
    KvReadHash {
        #[prost(bytes = "vec", tag = "1")] key_hash: Vec<u8>,
        #[prost(message, optional, tag = "2")] version: Option<KvVersion>,
    }
    /// A private write: hashes of key and value.
    KvWriteHash {
        #[prost(bytes = "vec", tag = "1")] key_hash: Vec<u8>,
        #[prost(bool, tag = "2")] is_delete: bool,
        #[prost(bytes = "vec", tag = "3")] value_hash: Vec<u8>,
        #[prost(bool, tag = "4")] is_purge: bool,
    }
}
