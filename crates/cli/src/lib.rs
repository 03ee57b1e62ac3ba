//! The command `twinlake`: checks pipelines, sends events to them, queries and watches their views.
//!
//! Each subcommand is a module with its arguments, functions from values to values, and one `run` that reads and
//! writes. Results go to standard output, everything else to standard error. AWS is whatever the usual settings name
//! (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_PROFILE`, …).

pub mod check;
pub mod deployment;
mod error;
pub mod produce;
pub mod query;
pub mod status;
pub mod table;
pub mod time;

use clap::{Parser, Subcommand};

pub use error::{Error, INTERRUPTED, Result};

/// Serverless Lambda Architecture on AWS: views over a stream in which every event counts exactly once.
#[derive(Debug, Parser)]
#[command(name = "twinlake", version)]
pub struct Command {
    /// The deployment: Terraform's variable `name`.
    #[arg(
        long,
        global = true,
        env = "TWINLAKE_DEPLOYMENT",
        default_value = "twinlake"
    )]
    pub deployment: String,
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Checks a pipeline's folder and prints what its views compile to.
    Check(check::Arguments),
    /// Sends events to a pipeline's stream: simulated ones, or the lines of a file.
    Produce(Box<produce::Arguments>),
    /// Runs SQL or a saved query in Athena.
    Query(query::Arguments),
    /// Shows how far batch answers each view, and what it waits for.
    Status(status::Arguments),
}

/// Does what the command line asks for.
///
/// # Errors
/// Whatever stopped it; what has been written to standard output until then stands.
pub async fn run(command: Command) -> Result<()> {
    match &command.action {
        Action::Check(arguments) => check::run(arguments),
        Action::Produce(arguments) => produce::run(&command.deployment, arguments).await,
        Action::Query(arguments) => query::run(&command.deployment, arguments).await,
        Action::Status(arguments) => status::run(&command.deployment, arguments).await,
    }
}
