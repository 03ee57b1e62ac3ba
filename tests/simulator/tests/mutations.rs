//! Mutations: each fault that the functions could have is found by the history that `docs/exactness.md` names.
//!
//! With `UPDATE_GOLDEN=1` the table there is measured anew.
#![allow(clippy::unwrap_used)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::{fs, thread};

use futures::executor::block_on;
use twinlake_simulator::handmade::HANDMADE;
use twinlake_simulator::history::History;
use twinlake_simulator::mutation::Mutation;

/// The page with the table.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/exactness.md");
/// The lines around the table.
const BEGIN: &str = "<!-- mutations: measured by tests/simulator/tests/mutations.rs -->";
const END: &str = "<!-- end of mutations -->";
const HEAD: &str =
    "| mutation | broken | found by | histories | seen as |\n| --- | --- | --- | --- | --- |\n";
/// The random histories within which a mutation is found, or else by a history made by hand.
const MAX_RANDOM: u64 = 40;

/// The way in which a mutation was found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// By the last of so many random histories.
    Random(u64),
    /// By a history made by hand, of this name.
    ByHand(String),
}

#[test]
fn every_mutation_is_found() {
    let page = fs::read_to_string(Path::new(PAGE)).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the table");
    let (table, after) = rest.split_once(END).expect("the table has an end");
    let rows = in_parallel(|mutation| row(mutation, known(table, mutation)));
    let measured = format!("\n\n{HEAD}{}\n", rows.join(""));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(PAGE, format!("{before}{BEGIN}{measured}{END}{after}")).unwrap();
        return;
    }
    for (now, then) in measured.lines().zip(table.lines()) {
        assert_eq!(
            now, then,
            "now, and in {PAGE}: UPDATE_GOLDEN=1 measures anew"
        );
    }
    assert_eq!(measured.lines().count(), table.lines().count());
}

/// The results of `work` for all mutations, in their order.
fn in_parallel<T: Send>(work: impl Fn(Mutation) -> T + Sync) -> Vec<T> {
    let left = Mutex::new(Mutation::ALL.iter().copied().enumerate());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut results: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut results = Vec::new();
                    loop {
                        let next = left.lock().unwrap().next();
                        let Some((index, mutation)) = next else {
                            return results;
                        };
                        results.push((index, work(mutation)));
                    }
                })
            })
            .collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap());
        results.flatten().collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The way in which the table says that a mutation is found.
fn known(table: &str, mutation: Mutation) -> Option<Found> {
    let name = format!("| `{}` |", mutation.name());
    let row = table.lines().find(|line| line.starts_with(&name))?;
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let [_, _, _, by, histories, ..] = cells.as_slice() else {
        return None;
    };
    match *by {
        "random" => Some(Found::Random(histories.parse().ok()?)),
        by => Some(Found::ByHand(by.trim_matches('`').to_owned())),
    }
}

/// The row of a mutation. Only what the table knows is tried, unless it is to be measured.
fn row(mutation: Mutation, known: Option<Found>) -> String {
    let (is_random, name) = match (std::env::var_os("UPDATE_GOLDEN"), known) {
        (None, Some(Found::Random(_))) => (true, None),
        (None, Some(Found::ByHand(name))) => (false, Some(name)),
        _ => (true, None),
    };
    let random = (0..MAX_RANDOM).filter(|_| is_random).find_map(|seed| {
        let seen = difference(|| block_on(History::of(seed).play(Some(mutation))))?;
        Some((Found::Random(seed + 1), seen))
    });
    let found = random.or_else(|| {
        let wanted = HANDMADE
            .iter()
            .filter(|history| name.as_ref().is_none_or(|name| history.name == name));
        wanted.clone().find_map(|history| {
            let seen = difference(|| block_on(history.play(Some(mutation))))?;
            Some((Found::ByHand(history.name.to_owned()), seen))
        })
    });
    let (by, histories, seen) = match found {
        Some((Found::Random(histories), seen)) => {
            ("random".to_owned(), histories.to_string(), seen)
        }
        Some((Found::ByHand(name), seen)) => (format!("`{name}`"), "1".to_owned(), seen),
        None => ("nothing".to_owned(), String::new(), String::new()),
    };
    let broken = mutation.description().trim_end_matches('.');
    format!(
        "| `{}` | {broken} | {by} | {histories} | {seen} |\n",
        mutation.name()
    )
}

/// The kind of difference that a history shows; `None` if it shows none.
fn difference(play: impl Fn() -> Result<(), String>) -> Option<String> {
    const KINDS: [(&str, &str); 10] = [
        ("went back", "the watermark goes back"),
        (" times", "an event counts twice"),
        (
            "no event of the lake",
            "something counts that is no event of the lake",
        ),
        ("a query of", "a query under way misses an event"),
        ("lacks", "an event is missing"),
        (
            "does not reach",
            "the history of a held shard does not grow",
        ),
        ("is not held", "a difference is not reported"),
        ("is held", "a shard is held"),
        ("lags", "batch lags for ever"),
        ("tick failed", "every tick fails"),
    ];
    let seen = match catch_unwind(AssertUnwindSafe(play)) {
        Ok(Ok(())) => return None,
        Ok(Err(difference)) => difference,
        Err(_) => return Some("an invocation comes to no end".to_owned()),
    };
    let kind = KINDS.iter().find(|(words, _)| seen.contains(words));
    Some(kind.map_or(seen.clone(), |(_, kind)| (*kind).to_owned()))
}
