//! Log lines: one JSON object each, on standard output, which Lambda hands to CloudWatch Logs.

use std::str::FromStr;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// Libraries that log what they send and receive at their lower levels, the bytes of events included.
const KEPT_QUIET: [&str; 6] = [
    "aws_",
    "hyper",
    "h2",
    "rustls",
    "lambda_runtime",
    "datafusion",
];

/// The layer of the runtime that repeats the error of each failed invocation, without its kind and its span.
const SILENT: &str = "lambda_runtime::layers::panic";

/// The subscriber that writes the events of `levels` to `writer`. `levels` is a level such as `info`, or a list such as
/// `info,batch=debug`; what cannot be read as either stands for `info`.
///
/// The libraries that a function talks to AWS with never write anything below a warning, whatever `levels` says: their
/// lower levels show requests and responses whole.
pub(crate) fn subscriber<W>(levels: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let targets = Targets::from_str(levels)
        .unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    let quiet = tracing_subscriber::filter::filter_fn(|metadata| {
        let target = metadata.target();
        let is_quiet = KEPT_QUIET.iter().any(|name| target.starts_with(name));
        target != SILENT && (!is_quiet || *metadata.level() <= tracing::Level::WARN)
    });
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(true)
        .with_target(false)
        .with_writer(writer)
        .with_filter(quiet)
        .with_filter(targets);
    Registry::default().with(lines)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A writer into memory.
    #[derive(Clone, Default)]
    pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Lines {
        /// The lines as JSON.
        pub(crate) fn json(&self) -> Vec<serde_json::Value> {
            let bytes = self.0.lock().unwrap();
            let text = std::str::from_utf8(&bytes).unwrap();
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        }
    }

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'writer> MakeWriter<'writer> for Lines {
        type Writer = Self;

        fn make_writer(&'writer self) -> Self::Writer {
            self.clone()
        }
    }

    #[test]
    fn a_line_is_one_json_object_with_its_fields_and_spans() {
        let lines = Lines::default();
        tracing::subscriber::with_default(subscriber("info", lines.clone()), || {
            let _entered = tracing::info_span!("invocation", request_id = "r-1").entered();
            tracing::info!(records = 3, "batch committed");
            tracing::debug!("not shown");
        });
        let [line] = &lines.json()[..] else {
            panic!("{:?}", lines.json())
        };
        assert_eq!(line["message"], "batch committed");
        assert_eq!(
            (&line["level"], &line["records"]),
            (&"INFO".into(), &3.into())
        );
        assert_eq!(line["spans"][0]["request_id"], "r-1");
    }

    #[test]
    fn the_level_of_a_crate_may_be_set_and_a_wrong_one_is_info() {
        let shown = |levels: &str| {
            let lines = Lines::default();
            tracing::subscriber::with_default(subscriber(levels, lines.clone()), || {
                tracing::debug!(target: "batch", "of the function");
                tracing::info!(target: "other", "of another");
            });
            lines.json().len()
        };
        assert_eq!(shown("warn,batch=debug"), 1);
        assert_eq!(shown("= nonsense ="), 1);
    }

    #[test]
    fn requests_to_aws_are_never_shown() {
        let lines = Lines::default();
        tracing::subscriber::with_default(subscriber("trace", lines.clone()), || {
            tracing::trace!(target: "aws_smithy_runtime::client", "request: the bytes of an event");
            tracing::debug!(target: "hyper_util::client", "the bytes of an event");
            tracing::trace!(target: "lambda_runtime::runtime", "the bytes of an event");
            tracing::error!(target: "lambda_runtime::layers::panic", "an error that is logged already");
            tracing::warn!(target: "aws_config", "no region");
        });
        let messages: Vec<_> = lines
            .json()
            .into_iter()
            .map(|line| line["message"].clone())
            .collect();
        assert_eq!(messages, ["no region"]);
    }
}
