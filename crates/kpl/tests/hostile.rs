//! Input made to cost more than its size: memory and time stay in proportion.
#![allow(unsafe_code, reason = "an allocator that counts cannot be had without")]

mod craft;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

use bytes::Bytes;
use craft::{delimited, number, record, sealed};
use twinlake_kpl::{Record, decode};

/// Counts, per thread, the bytes that are allocated and not freed, and their peak.
struct Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn account(bytes: isize) {
    LIVE.set(LIVE.get() + bytes);
    PEAK.set(PEAK.get().max(LIVE.get()));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        account(layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        account(-(layout.size() as isize));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MEBIBYTE: usize = 1 << 20;

/// The maximum number of bytes allocated at once for each byte of input. The worst is a table of empty keys, two bytes each.
const BYTES_PER_BYTE: usize = 32;

/// Decodes, and compares the peak of memory with the input's size.
fn decode_within_bounds(data: &Bytes) -> Record {
    LIVE.set(0);
    PEAK.set(0);
    let record = black_box(decode(data));
    let (peak, bound) = (PEAK.get(), (data.len() * BYTES_PER_BYTE) as isize);
    assert!(peak <= bound, "{peak} bytes for an input of {}", data.len());
    record
}

/// A message of a mebibyte that repeats one piece after a beginning.
fn filled(beginning: &[u8], piece: &[u8]) -> Bytes {
    let repeats = (MEBIBYTE - beginning.len() - 20) / piece.len();
    sealed(&[beginning, &piece.repeat(repeats)].concat())
}

#[test]
fn many_records_share_one_enormous_key() {
    let key = "k".repeat(MEBIBYTE / 2);
    let data = filled(&delimited(1, key.as_bytes()), &record(0, None, b""));
    let Record::Aggregated(records) = decode_within_bounds(&data) else {
        panic!("an aggregate")
    };
    assert!(records.len() > 87_000);
    assert!(
        records
            .iter()
            .all(|record| record.partition_key.len() == key.len())
    );
}

#[test]
fn smallest_records() {
    let Record::Aggregated(records) = decode_within_bounds(&filled(&[], &record(0, None, b"")))
    else {
        panic!("an aggregate")
    };
    assert!(records.iter().all(|record| record.fault.is_some()));
}

#[test]
fn empty_keys() {
    assert_eq!(
        decode_within_bounds(&filled(&[], &delimited(1, b""))),
        Record::Aggregated(Vec::new())
    );
}

#[test]
fn keys_that_grow_when_they_are_made_utf8() {
    let data = filled(&[], &delimited(1, &[0xFF; 1000]));
    assert_eq!(decode_within_bounds(&data), Record::Aggregated(Vec::new()));
}

#[test]
fn empty_messages() {
    assert_eq!(
        decode_within_bounds(&filled(&[], &delimited(3, b""))),
        Record::Plain
    );
}

#[test]
fn tags_without_end() {
    let tags = delimited(4, &delimited(1, b"")).repeat(200_000);
    let data = sealed(&delimited(
        3,
        &[number(1, 0), delimited(3, b""), tags].concat(),
    ));
    assert!(
        matches!(decode_within_bounds(&data), Record::Aggregated(records) if records.len() == 1)
    );
}

#[test]
fn groups_nested_without_end() {
    assert_eq!(decode_within_bounds(&filled(&[], &[0x53])), Record::Plain);
}

#[test]
fn lengths_that_lie() {
    let length = [0x1A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
    assert_eq!(decode_within_bounds(&sealed(&length)), Record::Plain);
}
