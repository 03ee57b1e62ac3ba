//! What can stop a command.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use twinlake_lake::ErrorKind;
use twinlake_pipeline::SimulatorError;

/// The exit status of a command that Ctrl-C ended: 128 and the number of SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;

/// Why a command ended without having done what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// AWS, or an object that lies there.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
    /// A pipeline's folder is not in order: every mistake on a line of its own.
    #[error("{0}")]
    Pipeline(String),
    /// No events can be drawn.
    #[error("{folder}: {source}; docs/pipelines.md explains the section `simulate`", folder = folder.display())]
    Simulation {
        /// The pipeline's folder.
        folder: PathBuf,
        /// Why.
        source: SimulatorError,
    },
    /// The command line asks for what cannot be done, or AWS holds something else than expected.
    #[error("{0}")]
    Request(String),
    /// The user wished to stop before the end; the message says what has been done and how to go on.
    #[error("{0}")]
    Interrupted(String),
    /// Athena could not run a query; `reason` is its own text.
    #[error("Athena failed the query {query}: {reason}")]
    Query {
        /// Athena's id of the query.
        query: String,
        /// What Athena says.
        reason: String,
    },
    /// A local file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error about a local file.
    pub fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File {
            path: path.into(),
            source,
        }
    }

    /// Whether the reader of standard output has seen enough, as `head` has, which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// What the command's exit status is.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Interrupted(_) => INTERRUPTED,
            _ => 1,
        }
    }

    /// The line for people: the error with what is known of its cause.
    pub fn explanation(&self) -> String {
        match self {
            Self::Interrupted(message) => format!("interrupted: {message}"),
            Self::Lake(error) if error.kind() == ErrorKind::Unavailable => {
                let causes: Vec<String> = causes(error).collect();
                let advice = "check AWS_ENDPOINT_URL, AWS_REGION and credentials";
                format!("error: {self} ({}); {advice}", causes.join(": "))
            }
            _ => format!("error: {self}"),
        }
    }
}

/// The errors behind an error, outermost first, without those that only repeat the one before.
fn causes(error: &twinlake_lake::Error) -> impl Iterator<Item = String> {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        cause = error.source();
    }
    texts.into_iter()
}
