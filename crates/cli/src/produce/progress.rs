//! How far a production has come, on standard error.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

use super::sender::Tally;

/// How often a line is written where there is no terminal to draw a bar on, in milliseconds.
const LINE_EVERY_MS: i64 = 3_000;

/// Whoever is told how far a production has come.
pub trait Progress {
    /// Takes note of what has been sent at `now_ms`.
    fn show(&mut self, tally: &Tally, now_ms: i64);
}

/// Shows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unseen;

impl Progress for Unseen {
    fn show(&mut self, _tally: &Tally, _now_ms: i64) {}
}

/// A bar on a terminal, lines elsewhere.
#[derive(Debug)]
pub struct Shown {
    total: u64,
    started_ms: i64,
    bar: Option<ProgressBar>,
    line_ms: i64,
}

impl Shown {
    /// The progress of a production of `total` events that began at `started_ms`.
    pub fn new(total: u64, started_ms: i64) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(total);
            let style = "{bar:32} {human_pos}/{human_len} events, {msg}, {eta} left";
            bar.set_style(
                ProgressStyle::with_template(style).expect("the template is well-formed"),
            );
            bar
        });
        Self {
            total,
            started_ms,
            bar,
            line_ms: started_ms,
        }
    }

    /// Takes the bar off the terminal.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Shown {
    fn show(&mut self, tally: &Tally, now_ms: i64) {
        let pace = pace(tally, now_ms - self.started_ms);
        if let Some(bar) = &self.bar {
            bar.set_position(tally.events);
            bar.set_message(pace);
        } else if now_ms - self.line_ms >= LINE_EVERY_MS {
            self.line_ms = now_ms;
            eprintln!("{}/{} events, {pace}", tally.events, self.total);
        }
    }
}

/// The rate so far, and how many records were throttled.
fn pace(tally: &Tally, elapsed_ms: i64) -> String {
    let per_second = tally.events as f64 * 1000.0 / elapsed_ms.max(1) as f64;
    format!("{per_second:.0}/s, {} throttled", tally.throttled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_names_rate_and_throttles() {
        let tally = Tally {
            events: 500,
            throttled: 3,
            ..Tally::default()
        };
        assert_eq!(pace(&tally, 2_000), "250/s, 3 throttled");
        assert_eq!(pace(&Tally::default(), 0), "0/s, 0 throttled");
    }
}
