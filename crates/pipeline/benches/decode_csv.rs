//! Lines of crimes per second that become Arrow on one core, beside the time in which the crate `csv` reads the same
//! bytes into strings and no more.
//!
//! The lines are those of the pipeline's sample, or of another file of its form:
//! `TWINLAKE_CSV=crimes.csv cargo bench -p twinlake-pipeline --bench decode_csv`
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csv::StringRecord;
use flate2::read::MultiGzDecoder;
use twinlake_pipeline::{Decoder, Definition, SequenceNumber, UserRecord};

/// Lines in one call.
const LINES: usize = 10_000;

/// Lines in a user record, where several share one.
const LINES_TOGETHER: usize = 50;

fn decode(criterion: &mut Criterion) {
    let crimes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/crimes");
    let definition = Definition::from_folder(&crimes).expect("the definition is right");
    let file = std::env::var_os("TWINLAKE_CSV").map(PathBuf::from);
    let text = read(&file.unwrap_or_else(|| sample(&crimes.join("sample"))));
    let lines: Vec<_> = text.lines().skip(1).take(LINES).collect();
    let apart: Vec<_> = lines.iter().map(|line| user_record(line)).collect();
    let together = lines.chunks(LINES_TOGETHER).map(|lines| lines.join("\n"));
    let together: Vec<_> = together.map(|lines| user_record(&lines)).collect();
    let bytes = lines.join("\n");
    let decoder = Decoder::new(&definition);
    let decoded = decoder.decode(&apart);
    assert!(decoded.rejected.is_empty(), "{:?}", decoded.rejected[0]);

    let mut group = criterion.benchmark_group("csv");
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("into strings by the crate csv", |bencher| {
        bencher.iter(|| count_fields(black_box(bytes.as_bytes())))
    });
    group.bench_function("into events, a line a record", |bencher| {
        bencher.iter(|| decoder.decode(black_box(&apart)))
    });
    group.bench_function("into events, fifty lines a record", |bencher| {
        bencher.iter(|| decoder.decode(black_box(&together)))
    });
    group.finish();
}

/// The only file of CSV, compressed or not, in a folder.
fn sample(folder: &Path) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("the sample is in the repository");
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|path| path.to_string_lossy().contains(".csv"))
        .expect("the sample is in the repository")
}

fn read(file: &Path) -> String {
    let bytes = std::fs::read(file).expect("the file can be read");
    let mut text = String::new();
    if bytes.starts_with(b"\x1f\x8b") {
        let unpacked = MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text);
        unpacked.expect("the file is gzip of UTF-8");
    } else {
        text = String::from_utf8(bytes).expect("the file is UTF-8");
    }
    text
}

fn user_record(lines: &str) -> UserRecord {
    UserRecord {
        shard: "shardId-000000000000".into(),
        sequence_number: SequenceNumber::zero(),
        subsequence_number: 0,
        arrival_ms: 0,
        stream_record: Bytes::new(),
        data: Bytes::copy_from_slice(lines.as_bytes()),
        hash_key: None,
        fault: None,
    }
}

fn count_fields(text: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let mut record = StringRecord::new();
    let mut fields = 0;
    while reader
        .read_record(&mut record)
        .expect("the lines are right")
    {
        fields += black_box(&record).len();
    }
    fields
}

criterion_group!(benches, decode);
criterion_main!(benches);
