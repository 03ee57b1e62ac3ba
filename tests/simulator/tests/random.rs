//! Random histories, each from its seed.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use futures::executor::block_on;
use twinlake_simulator::history::History;

#[test]
fn every_event_counts_exactly_once() {
    let seeds = std::env::var("TWINLAKE_SEEDS").unwrap_or_else(|_| "0..200".to_owned());
    let (from, to) = seeds
        .split_once("..")
        .expect("a range of seeds, such as 0..200");
    let seeds = from.parse::<u64>().unwrap()..to.parse().unwrap();
    let mut failing = Vec::new();
    for seed in seeds.filter(|seed| seed % 2 == 0) {
        if let Err(difference) = block_on(History::of(seed).play()) {
            eprintln!("seed {seed}: {difference}");
            failing.push(seed);
        }
    }
    if let Some(seed) = failing.first() {
        let (history, difference) = block_on(History::of(*seed).shrink()).expect("it just failed");
        panic!(
            "{} histories failed; seed {seed}: {difference}\n{history:#?}",
            failing.len()
        );
    }
}
