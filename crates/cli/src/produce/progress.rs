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

    /// Takes note that no more events are drawn, and what was drawn is still being sent.
    fn stopping(&mut self) {}
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
    total: Option<u64>,
    before: u64,
    started_ms: i64,
    bar: Option<ProgressBar>,
    line_ms: i64,
}

impl Shown {
    /// The progress of a production that began at `started_ms`, where `before` events had been sent earlier: of
    /// `total` events all in all, if it is known how many there are.
    pub fn new(total: Option<u64>, before: u64, started_ms: i64) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(total, before));
        Self {
            total,
            before,
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
            bar.set_position(self.before + tally.events);
            bar.set_message(pace);
        } else if now_ms - self.line_ms >= LINE_EVERY_MS {
            self.line_ms = now_ms;
            let total = self.total.map(|total| format!("/{total}"));
            let sent = self.before + tally.events;
            eprintln!("{sent}{} events, {pace}", total.unwrap_or_default());
        }
    }

    fn stopping(&mut self) {
        let text = "stopping: sending what has been read; Ctrl-C once more ends at once";
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

/// The bar of a production; without a total, it only counts.
fn bar(total: Option<u64>, before: u64) -> ProgressBar {
    let style = match total {
        Some(_) => "{bar:32} {human_pos}/{human_len} events, {msg}, {eta} left",
        None => "{spinner} {human_pos} events, {msg}",
    };
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    bar.set_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
    bar.set_position(before);
    bar.reset_eta();
    bar
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
