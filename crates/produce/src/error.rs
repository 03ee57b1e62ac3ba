//! The error of this crate.

use std::io;
use std::path::PathBuf;

use twinlake_pipeline::{Diagnostics, SimulatorError};

/// Exit status of a process that Ctrl-C ended: 128 plus the number of SIGINT, by the convention of shells.
pub const INTERRUPTED: u8 = 130;

/// A production that ended before all events were sent, or never began.
///
/// `Display` holds the message, `source` the cause, and [`Error::help`] the advice.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An operation on AWS failed.
    #[error("cannot {0}")]
    Lake(#[from] twinlake_lake::Error),
    /// The pipeline's folder has mistakes. The text shows each with the line in question.
    #[error("{}", .0.render())]
    Pipeline(Diagnostics),
    /// The pipeline does not describe how to simulate its events.
    #[error("cannot simulate events of {}", folder.display())]
    Simulation {
        /// The pipeline's folder.
        folder: PathBuf,
        /// The part of the description that is missing.
        source: SimulatorError,
    },
    /// The request does not fit the pipeline, the file or the stream.
    #[error("{message}")]
    Refused {
        /// The mismatch.
        message: String,
        /// The way to mend it.
        help: Option<String>,
    },
    /// The user stopped the production before its end.
    #[error("{message}")]
    Interrupted {
        /// The part that was sent.
        message: String,
        /// The way to send the rest.
        help: String,
    },
    /// A local file cannot be read or written.
    #[error("cannot {operation} {}", path.display())]
    File {
        /// The operation as a verb, such as `read`.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
    /// The operating system does not let the process handle signals.
    #[error("cannot listen for Ctrl-C")]
    Signals(#[source] io::Error),
}

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error about the request.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            help: None,
        }
    }

    /// An error about the request, with the way to mend it.
    pub(crate) fn refused_with(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// An error about a local file. `operation` is a verb, such as `read`.
    pub(crate) fn file(
        operation: &'static str,
        path: impl Into<PathBuf>,
        source: io::Error,
    ) -> Self {
        Self::File {
            operation,
            path: path.into(),
            source,
        }
    }

    /// The advice to the user, where there is any beyond the message.
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Simulation { .. } => Some("docs/pipelines.md describes the section `simulate`"),
            Self::Refused { help, .. } => help.as_deref(),
            Self::Interrupted { help, .. } => Some(help),
            _ => None,
        }
    }
}
