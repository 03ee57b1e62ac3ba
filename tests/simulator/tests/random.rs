//! Random histories, each from its seed.
//!
//! `TWINLAKE_SEEDS=17..18` plays one history, `TWINLAKE_SEEDS=0..100000` many. A failing seed is shrunk to the shortest
//! history of its kind that still fails.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::thread;

use futures::executor::block_on;
use twinlake_simulator::history::History;

/// The seeds that are played without `TWINLAKE_SEEDS`.
const SEEDS: &str = "0..2000";

#[test]
fn every_event_counts_exactly_once() {
    let seeds = std::env::var("TWINLAKE_SEEDS").unwrap_or_else(|_| SEEDS.to_owned());
    let (from, to) = seeds
        .split_once("..")
        .expect("a range of seeds, such as 0..200");
    let (from, to) = (from.parse::<u64>().unwrap(), to.parse::<u64>().unwrap());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let failing: Vec<u64> = thread::scope(|scope| {
        let players: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || play((from..to).skip(thread).step_by(threads))))
            .collect();
        let failing = players.into_iter().map(|player| player.join().unwrap());
        failing.flatten().collect()
    });
    if let Some(seed) = failing.iter().min() {
        let (history, difference) =
            block_on(History::of(*seed).shrink(None)).expect("it just failed");
        panic!(
            "{} histories failed; seed {seed}: {difference}\n{history:#?}",
            failing.len()
        );
    }
}

/// Plays histories and returns the seeds of those that fail.
fn play(seeds: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut failing = Vec::new();
    for seed in seeds {
        if let Err(difference) = block_on(History::of(seed).play(None)) {
            eprintln!("seed {seed}: {difference}");
            failing.push(seed);
        }
    }
    failing
}
