//! The format's constants and messages, from the
//! [KPL's format page](https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md).

use bytes::Bytes;
use md5::{Digest, Md5};
use prost::Message;

/// The first bytes of every aggregated record.
pub(crate) const MAGIC: [u8; 4] = [0xF3, 0x89, 0x9A, 0xC2];

/// The size in bytes of the MD5 at the end of every aggregated record.
pub(crate) const DIGEST_BYTES: usize = 16;

/// The MD5 over the serialized message, magic excluded.
pub(crate) fn digest(message: &[u8]) -> [u8; DIGEST_BYTES] {
    Md5::digest(message).into()
}

/// Field numbers of `AggregatedRecord`, `Record` and `Tag` for the reader; the writer has them in its attributes.
pub(crate) mod field {
    pub(crate) const PARTITION_KEY_TABLE: u32 = 1;
    pub(crate) const EXPLICIT_HASH_KEY_TABLE: u32 = 2;
    pub(crate) const RECORDS: u32 = 3;

    pub(crate) const PARTITION_KEY_INDEX: u32 = 1;
    pub(crate) const EXPLICIT_HASH_KEY_INDEX: u32 = 2;
    pub(crate) const DATA: u32 = 3;
    pub(crate) const TAGS: u32 = 4;

    pub(crate) const TAG_KEY: u32 = 1;
}

/// The message between magic and MD5, for the writer. The reader goes field by field (see `decode`).
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AggregatedRecord {
    #[prost(string, repeated, tag = "1")]
    pub(crate) partition_key_table: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) explicit_hash_key_table: Vec<String>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) records: Vec<Record>,
}

/// One user record. The keys are indices into the tables. Tags, which no library writes, are left out.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Record {
    #[prost(uint64, required, tag = "1")]
    pub(crate) partition_key_index: u64,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) explicit_hash_key_index: Option<u64>,
    #[prost(bytes = "bytes", required, tag = "3")]
    pub(crate) data: Bytes,
}
