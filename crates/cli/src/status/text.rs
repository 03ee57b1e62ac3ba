//! The status for people: on one screen, or with every view on every shard.

use std::collections::{BTreeMap, BTreeSet};

use crate::status::report::{BatchStatus, ShardStatus, Status, ViewStatus};
use crate::status::waiting::{Waiting, held_counts, held_range, held_reason, short};
use crate::table::{self, Align};
use crate::time::{moment, span};

/// The most characters of a line on one screen.
const MAX_WIDTH: usize = 120;
/// The characters of a longer view's name that one screen shows: at its beginning and at its end, by which names of one
/// family differ.
const SHOWN_NAME: (usize, usize) = (20, 12);
/// The most shards that one screen lists, held ones first.
const MAX_LISTED_SHARDS: usize = 6;

/// A status that fits one screen: a line for each view, lines for the shards that are held or lag, the other shards as
/// counts.
pub fn summary(status: &Status) -> String {
    let mut lines = heading(status);
    if !status.views.is_empty() {
        lines.push(String::new());
        lines.extend(views_table(status).lines().map(str::to_owned));
    }
    let shards = worst_by_shard(status);
    if !shards.is_empty() {
        lines.push(String::new());
        lines.extend(shard_lines(&shards, status));
    }
    lines
        .into_iter()
        .map(|line| clipped(&line) + "\n")
        .collect()
}

/// A status with every view on every shard.
pub fn verbose(status: &Status) -> String {
    let mut text: String = heading(status)
        .into_iter()
        .map(|line| line + "\n")
        .collect();
    for view in &status.views {
        text.push_str(&format!("\n{}", view_text(view, status)));
    }
    let waiting = status.views.iter().flat_map(|view| &view.shards);
    let help = help(waiting.map(|shard| &shard.waiting));
    if !help.is_empty() {
        text.push_str(&format!("\n{}\n", help.join("\n")));
    }
    text
}

/// The lines about the pipeline as a whole.
fn heading(status: &Status) -> Vec<String> {
    let mut lines = vec![format!(
        "pipeline {} at {}",
        status.pipeline,
        moment(status.now_ms)
    )];
    lines.push(match status.genesis_ms {
        Some(genesis_ms) => format!("the lake begins {}", moment(genesis_ms)),
        None => "not activated: there is no genesis, so speed and batch do nothing; run `terraform apply` to its end"
            .to_owned(),
    });
    if !status.speed_has_run {
        lines.push(
            "speed has not run: no shard has a checkpoint; nothing was sent, or see the log of the function speed"
                .to_owned(),
        );
    }
    let settling = span(status.settling.ms);
    let source = match status.settling.is_deployed {
        true => "",
        false => " (as pipeline.yaml says; Terraform may have set another time)",
    };
    lines.push(format!("cuts settle after {settling}{source}"));
    let tried = match status.tried_ms {
        Some(tried_ms) => format!("batch last audited {}", moment(tried_ms)),
        None => "batch has never audited".to_owned(),
    };
    lines.push(format!("{tried}; it ticks at {}", status.schedule));
    if let Some(strays) = &status.strays {
        lines.push(format!(
            "{} stray records in {} of the shards were dropped, the last {}: no reshard explains them",
            strays.dropped,
            strays.shards,
            moment(strays.last_ms)
        ));
        lines.push(
            "help: a producer that never sends again needs `stream.wrong_shard: keep` in pipeline.yaml"
                .to_owned(),
        );
    }
    lines
}

// ---- one screen

fn views_table(status: &Status) -> String {
    let columns = [
        ("view", Align::Left),
        ("lag", Align::Right),
        ("batch events", Align::Right),
        ("speed events", Align::Right),
        ("runs", Align::Right),
        ("state", Align::Left),
    ];
    let columns = columns.map(|(name, align)| (name.to_owned(), align));
    let rows: Vec<_> = status.views.iter().map(view_row).collect();
    table::render(&columns, &rows)
}

fn view_row(view: &ViewStatus) -> Vec<String> {
    let name = short_name(&view.view);
    let Some(batch) = &view.batch else {
        let none = || "-".to_owned();
        let state = "not migrated: run `terraform apply`".to_owned();
        return vec![name, none(), none(), none(), none(), state];
    };
    let sum = |events: fn(&ShardStatus) -> u64| view.shards.iter().map(events).sum::<u64>();
    let lag_ms = view.shards.iter().map(|shard| shard.lag_ms).max();
    vec![
        name,
        span(lag_ms.unwrap_or(0)),
        sum(|shard| shard.batch_events).to_string(),
        sum(|shard| shard.speed_events).to_string(),
        batch.runs.len().to_string(),
        view_state(view),
    ]
}

/// The state of a view: one word if all shards share it, otherwise the number of shards in each state, worst first.
fn view_state(view: &ViewStatus) -> String {
    let mut states: BTreeMap<_, (String, usize)> = BTreeMap::new();
    for shard in &view.shards {
        let waiting = &shard.waiting;
        let label = || (label(waiting), 0);
        states.entry(rank(waiting)).or_insert_with(label).1 += 1;
    }
    let mut states: Vec<_> = states.into_values().rev().collect();
    match states.as_mut_slice() {
        [] => "no shard read".to_owned(),
        [(label, _)] => std::mem::take(label),
        several => {
            let counted = several
                .iter()
                .map(|(label, count)| format!("{count} {label}"));
            counted.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The urgency of a state. The highest of a shard's views stands for the shard.
fn rank(waiting: &Waiting) -> u8 {
    match waiting {
        Waiting::Held { .. } => 7,
        Waiting::Due { .. } if waiting.is_overdue() => 6,
        Waiting::NoCut => 5,
        Waiting::Due { .. } => 4,
        Waiting::Settling { .. } => 3,
        Waiting::Audited => 2,
        Waiting::Running { .. } => 1,
        Waiting::BeforeGenesis | Waiting::UpToDate => 0,
    }
}

fn label(waiting: &Waiting) -> String {
    match waiting {
        Waiting::Held { .. } => "held".to_owned(),
        Waiting::Due { .. } if waiting.is_overdue() => "not audited".to_owned(),
        Waiting::NoCut => "without a cut".to_owned(),
        Waiting::Due { .. } => "settled".to_owned(),
        Waiting::Settling { .. } => "settling".to_owned(),
        Waiting::Audited => "audited".to_owned(),
        Waiting::Running { run } => format!("in run {run}"),
        Waiting::BeforeGenesis | Waiting::UpToDate => "up to date".to_owned(),
    }
}

/// The most urgent state of each shard among its views, by the shard's id.
fn worst_by_shard(status: &Status) -> BTreeMap<&str, &Waiting> {
    let mut worst: BTreeMap<&str, &Waiting> = BTreeMap::new();
    for shard in status.views.iter().flat_map(|view| &view.shards) {
        let state = worst.entry(&shard.shard).or_insert(&shard.waiting);
        if rank(&shard.waiting) > rank(state) {
            *state = &shard.waiting;
        }
    }
    worst
}

/// Lines for shards that are held or lag, counts of the others, and advice.
fn shard_lines(shards: &BTreeMap<&str, &Waiting>, status: &Status) -> Vec<String> {
    let (mut urgent, others): (Vec<_>, Vec<_>) = shards
        .iter()
        .map(|(shard, waiting)| (*shard, *waiting))
        .partition(|(_, waiting)| waiting.help().is_some());
    urgent.sort_by_key(|(_, waiting)| std::cmp::Reverse(rank(waiting)));
    let (listed, unlisted) = urgent.split_at(urgent.len().min(MAX_LISTED_SHARDS));
    let mut lines: Vec<_> = listed
        .iter()
        .flat_map(|(shard, waiting)| urgent_lines(shard, waiting, status))
        .collect();
    if !unlisted.is_empty() {
        let count = unlisted.len();
        lines.push(format!(
            "… and {count} more that are held or lag: --verbose lists all"
        ));
    }
    lines.extend(help(urgent.iter().map(|(_, waiting)| *waiting)));
    lines.extend(counts(&others, shards.len(), status));
    lines
}

fn urgent_lines(shard: &str, waiting: &Waiting, status: &Status) -> Vec<String> {
    let Waiting::Held { held } = waiting else {
        let reason = waiting.describe(status.now_ms, &status.schedule);
        return vec![format!("{shard}  {reason}")];
    };
    let since = span((status.now_ms - held.since_ms).max(0));
    let indent = " ".repeat(shard.chars().count());
    vec![
        format!(
            "{shard}  HELD {since}: {}; {}",
            held_reason(held),
            held_range(held)
        ),
        format!("{indent}  {}", held_counts(held)),
    ]
}

/// A line for each state of shards that need no action, most urgent first.
fn counts(shards: &[(&str, &Waiting)], total: usize, status: &Status) -> Vec<String> {
    let mut groups: BTreeMap<u8, Vec<&Waiting>> = BTreeMap::new();
    for (_, waiting) in shards {
        groups.entry(rank(waiting)).or_default().push(waiting);
    }
    let line = |group: Vec<&Waiting>| {
        let count = match group.len() {
            count if count < total => format!("{count} of {total} shards"),
            1 => "1 shard".to_owned(),
            count => format!("{count} shards"),
        };
        format!("{count}: {}", describe_group(&group, status))
    };
    groups.into_values().rev().map(line).collect()
}

/// The common reason of several shards in one state.
fn describe_group(group: &[&Waiting], status: &Status) -> String {
    let describe = |waiting: &Waiting| waiting.describe(status.now_ms, &status.schedule);
    let merged = group.iter().skip(1).fold(group[0].clone(), merge);
    let texts: BTreeSet<String> = group.iter().map(|waiting| describe(waiting)).collect();
    match merged {
        Waiting::Running { .. } if texts.len() > 1 => "runs are under way in Athena".to_owned(),
        Waiting::BeforeGenesis | Waiting::UpToDate if texts.len() > 1 => {
            describe(&Waiting::UpToDate)
        }
        merged => describe(&merged),
    }
}

/// One state for two of the same kind, with the span of the times of both.
fn merge(first: Waiting, second: &&Waiting) -> Waiting {
    match (first, *second) {
        (
            Waiting::Settling {
                first_ms,
                newest_ms,
            },
            Waiting::Settling {
                first_ms: other_first_ms,
                newest_ms: other_newest_ms,
            },
        ) => Waiting::Settling {
            first_ms: first_ms.min(*other_first_ms),
            newest_ms: newest_ms.max(*other_newest_ms),
        },
        (
            Waiting::Due { since_ms, tried_ms },
            Waiting::Due {
                since_ms: other_since_ms,
                ..
            },
        ) => Waiting::Due {
            since_ms: since_ms.min(*other_since_ms),
            tried_ms,
        },
        (first, _) => first,
    }
}

/// The advice about each kind of trouble, once.
fn help<'a>(waiting: impl Iterator<Item = &'a Waiting>) -> Vec<String> {
    let advice: BTreeSet<&str> = waiting.filter_map(Waiting::help).collect();
    advice
        .into_iter()
        .map(|advice| format!("help: {advice}"))
        .collect()
}

fn short_name(name: &str) -> String {
    let (first, last) = SHOWN_NAME;
    let length = name.chars().count();
    if length <= first + 1 + last {
        return name.to_owned();
    }
    let start: String = name.chars().take(first).collect();
    let end: String = name.chars().skip(length - last).collect();
    format!("{start}…{end}")
}

/// A line with as many characters as one screen shows.
fn clipped(line: &str) -> String {
    if line.chars().count() <= MAX_WIDTH {
        return line.to_owned();
    }
    let kept: String = line.chars().take(MAX_WIDTH - 1).collect();
    format!("{}…", kept.trim_end())
}

// ---- every view on every shard

fn view_text(view: &ViewStatus, status: &Status) -> String {
    let Some(batch) = &view.batch else {
        return format!(
            "view {}: not migrated; run `terraform apply` to its end\n",
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
    let rows: Vec<_> = view.shards.iter().map(shard_row).collect();
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
    let published = moment(batch.published_ms);
    match runs.is_empty() {
        true => format!("no run; migrated {published}"),
        false => format!("runs {}; published {published}", runs.join(", ")),
    }
}

fn shard_row(shard: &ShardStatus) -> Vec<String> {
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
