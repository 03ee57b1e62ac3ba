//! Bytes that no producer makes: messages put together field by field, sealed with magic and MD5.

use bytes::Bytes;
use md5::{Digest, Md5};

/// An aggregate around a message, valid or not.
pub(crate) fn sealed(message: &[u8]) -> Bytes {
    [
        &[0xF3, 0x89, 0x9A, 0xC2],
        message,
        &Md5::digest(message)[..],
    ]
    .concat()
    .into()
}

/// A varint field.
pub(crate) fn number(field: u8, value: u64) -> Vec<u8> {
    let mut bytes = vec![field << 3];
    varint(value, &mut bytes);
    bytes
}

/// A length-delimited field.
pub(crate) fn delimited(field: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![field << 3 | 2];
    varint(content.len() as u64, &mut bytes);
    bytes.extend_from_slice(content);
    bytes
}

/// A user record's field in the aggregate's message.
pub(crate) fn record(partition_key: u64, explicit_hash_key: Option<u64>, data: &[u8]) -> Vec<u8> {
    let explicit_hash_key = explicit_hash_key
        .map(|index| number(2, index))
        .unwrap_or_default();
    delimited(
        3,
        &[
            number(1, partition_key),
            explicit_hash_key,
            delimited(3, data),
        ]
        .concat(),
    )
}

fn varint(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
