//! A status for people.

use twinlake_pipeline::SequenceNumber;

use super::report::{BatchStatus, ShardStatus, Status, ViewStatus};
use crate::table::{self, Align};
use crate::time::{moment, span};

/// How many of a sequence number's 64 digits are shown: within a shard the first ones hardly change.
const SHOWN_DIGITS: usize = 12;

/// The status as lines of text.
pub fn render(status: &Status) -> String {
    let mut text = format!(
        "pipeline {} at {}\n",
        status.pipeline,
        moment(status.now_ms)
    );
    for line in pipeline_lines(status) {
        text.push_str(&format!("{line}\n"));
    }
    for view in &status.views {
        text.push_str(&format!("\n{}", view_text(view, status)));
    }
    text
}

fn pipeline_lines(status: &Status) -> Vec<String> {
    let mut lines = Vec::new();
    match status.genesis_ms {
        Some(genesis_ms) => lines.push(format!("the lake begins {}", moment(genesis_ms))),
        None => lines.push(
            "not opened: there is no genesis, so speed and batch do nothing; run `terraform apply` to its end".to_owned(),
        ),
    }
    if !status.speed_has_run {
        lines.push("speed has not run: no shard has a checkpoint; nothing was sent, or see the log of the function speed".to_owned());
    }
    let settling = span(status.settling.ms);
    let source = match status.settling.is_deployed {
        true => "",
        false => " (as pipeline.yaml says; Terraform may have set another time)",
    };
    lines.push(format!("cuts settle after {settling}{source}"));
    let tried = status
        .tried_ms
        .map_or("batch has never tried an audit".to_owned(), |tried_ms| {
            format!("batch last tried an audit {}", moment(tried_ms))
        });
    lines.push(format!("{tried}; it ticks at {}", status.schedule));
    lines
}

fn view_text(view: &ViewStatus, status: &Status) -> String {
    let Some(batch) = &view.batch else {
        return format!(
            "view {}: not prepared; run `terraform apply` to its end\n",
            view.view
        );
    };
    let heading = format!("view {}: {}\n", view.view, batch_text(batch));
    let columns = [
        ("shard", Align::Left),
        ("W", Align::Left),
        ("W arrived", Align::Left),
        ("batch events", Align::Right),
        ("rejected", Align::Right),
        ("after W: events", Align::Right),
        ("rejected", Align::Right),
        ("lag", Align::Right),
    ];
    let columns = columns.map(|(name, align)| (name.to_owned(), align));
    let rows: Vec<_> = view.shards.iter().map(row).collect();
    let waiting = view.shards.iter().map(|shard| {
        let reason = shard.waiting.describe(status.now_ms, &status.schedule);
        format!("{}: {reason}\n", shard.shard)
    });
    match rows.is_empty() {
        true => heading,
        false => heading + &table::render(&columns, &rows) + &waiting.collect::<String>(),
    }
}

fn batch_text(batch: &BatchStatus) -> String {
    let runs: Vec<String> = batch.runs.iter().map(u64::to_string).collect();
    match runs.is_empty() {
        true => format!("no run; W last set {}", moment(batch.published_ms)),
        false => format!(
            "runs {}; switched {}",
            runs.join(", "),
            moment(batch.published_ms)
        ),
    }
}

fn row(shard: &ShardStatus) -> Vec<String> {
    let none = || "-".to_owned();
    vec![
        shard.shard.clone(),
        shard.watermark.as_ref().map_or_else(none, short),
        shard.watermark_arrival_ms.map_or_else(none, moment),
        shard.batch_events.to_string(),
        shard.batch_rejected.to_string(),
        shard.speed_events.to_string(),
        shard.speed_rejected.to_string(),
        span(shard.lag_ms),
    ]
}

/// The end of a sequence number, by which sequence numbers of a shard differ.
fn short(sequence_number: &SequenceNumber) -> String {
    let digits = sequence_number.as_str();
    format!("…{}", &digits[digits.len() - SHOWN_DIGITS..])
}
