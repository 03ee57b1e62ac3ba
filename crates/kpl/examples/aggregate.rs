//! Aggregates user records for other decoders: JSON lines in, JSON lines out.
//!
//! Reads one user record a line, `{"partition_key", "explicit_hash_key" (or null), "data" (base64)}`, and writes
//! one stream record a line in the same form. The first argument is the size of an aggregate in bytes.

use std::{
    env,
    error::Error,
    io::{self, BufRead, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use twinlake_kpl::{Aggregate, Aggregator, DEFAULT_AGGREGATE_BYTES};

#[derive(Serialize, Deserialize)]
struct Line {
    partition_key: String,
    explicit_hash_key: Option<String>,
    data: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let max_bytes = env::args()
        .nth(1)
        .map_or(Ok(DEFAULT_AGGREGATE_BYTES), |text| text.parse())?;
    let mut aggregator = Aggregator::new(max_bytes);
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let record: Line = serde_json::from_str(&line?)?;
        let data = STANDARD.decode(&record.data)?.into();
        if let Some(full) = aggregator.add(
            &record.partition_key,
            record.explicit_hash_key.as_deref(),
            data,
        )? {
            write_line(full, &mut output)?;
        }
    }
    aggregator
        .finish()
        .map_or(Ok(()), |last| write_line(last, &mut output))
}

fn write_line(aggregate: Aggregate, output: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let line = Line {
        partition_key: aggregate.partition_key,
        explicit_hash_key: aggregate.explicit_hash_key,
        data: STANDARD.encode(&aggregate.data),
    };
    writeln!(output, "{}", serde_json::to_string(&line)?)?;
    Ok(())
}
