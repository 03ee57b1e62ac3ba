//! Capture of the log lines of a test.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use crate::logs::subscriber;

thread_local! {
    /// The lines of the test that runs on this thread, while it captures them.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// A writer to the lines of the thread's test. The subscriber is the process's: one of a thread would miss the events
/// whose callsites other tests reach first.
struct ThreadLines;

impl io::Write for ThreadLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The text of all lines, at every level, that `test` logs on this thread.
///
/// # Panics
/// If the process has another subscriber, or if `test` captures lines itself.
pub fn logged(test: impl FnOnce()) -> String {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing::subscriber::set_global_default(subscriber("trace", || ThreadLines))
            .expect("a test process has no subscriber of its own");
    });
    LINES.set(Some(Vec::new()));
    test();
    let lines = LINES.take().expect("captures are not nested");
    String::from_utf8(lines).expect("lines are JSON, and JSON is UTF-8")
}
