//! Histories made by hand, each of which once led to a wrong answer or would if a rule were left out.

use futures::executor::block_on;
use twinlake_simulator::handmade::HANDMADE;

#[test]
fn every_history_made_by_hand_is_answered_right() {
    let outcomes = HANDMADE.iter().map(|history| {
        let outcome = block_on(history.play(None));
        outcome.map_err(|difference| format!("{}: {difference}", history.name))
    });
    let failed: Vec<String> = outcomes.filter_map(Result::err).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
