//! The wish to stop before the end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::{Error, INTERRUPTED, Result};

/// Whether somebody wishes to stop. Clones share the wish.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// One that Ctrl-C requests, or SIGTERM; the second time, the process ends at once.
    ///
    /// # Errors
    /// If the system does not let the process handle signals.
    pub fn on_signal() -> Result<Self> {
        let interrupt = Self::default();
        let register = |signal| -> io::Result<()> {
            // The order matters: the first signal must find the wish unsaid here.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), interrupt.0.clone())?;
            flag::register(signal, interrupt.0.clone())?;
            Ok(())
        };
        [SIGINT, SIGTERM]
            .into_iter()
            .try_for_each(register)
            .map_err(|error| Error::Request(format!("cannot listen for Ctrl-C: {error}")))?;
        Ok(interrupt)
    }

    /// Wishes to stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody wishes to stop.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
