//! The statements' text and the simulator's evaluation of their structure agree: a sample of what histories ask is given to
//! an engine that takes Athena's SQL, over the same rows.
//!
//! `TWINLAKE_LOCAL_ATHENA` names the engine, `TWINLAKE_PYTHON` a Python with the packages of `local/requirements.txt`.

use futures::executor::block_on;
use twinlake_lake::query::Rows;
use twinlake_simulator::engine::answers;
use twinlake_simulator::history::History;
use twinlake_simulator::sample::Asked;

/// The seeds whose statements are compared.
const SEEDS: std::ops::Range<u64> = 0..30;
/// The least number of statements of each kind that have an answer, so that the sample says something.
const LEAST: usize = 20;

#[test]
fn an_engine_answers_a_statement_as_the_simulator_does() {
    let asked = SEEDS.flat_map(|seed| block_on(History::of(seed).sample()).unwrap());
    let asked: Vec<Asked> = asked.collect();
    for kind in ["a count of raw", "a run", "a view"] {
        let own = asked.iter().filter(|one| kind_of(&one.sql) == kind);
        let with_rows = own.filter(|one| !one.rows.is_empty()).count();
        assert!(with_rows > LEAST, "{with_rows} times {kind} has an answer");
    }
    for (one, answer) in asked.iter().zip(answers(&asked)) {
        let answer = answer.unwrap_or_else(|error| panic!("{error}\n{}", one.sql));
        assert_eq!(sorted(answer), sorted(one.rows.clone()), "{}", one.sql);
    }
}

fn kind_of(sql: &str) -> &'static str {
    match (sql.contains("count_if("), sql.contains("row_number()")) {
        (true, _) => "a count of raw",
        (false, true) => "a run",
        (false, false) => "a view",
    }
}

fn sorted(mut rows: Rows) -> Rows {
    rows.sort();
    rows
}
