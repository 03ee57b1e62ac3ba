//! The command `twinlake`: checks pipelines, sends events to their streams, queries and watches their views.
//!
//! Each subcommand is a module with its arguments, functions from values to values, and one `run` that reads and
//! writes. Results go to standard output, everything else to standard error. AWS is whatever the usual settings name
//! (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_PROFILE`, …).

pub mod check;
pub mod deployment;
mod error;
pub mod query;
pub mod status;
pub mod table;
pub mod time;

use clap::{Parser, Subcommand};
use twinlake_lake::environment;

pub use error::{Error, Result};

/// Serverless Lambda Architecture on AWS: views over a stream in which every event counts exactly once.
#[derive(Debug, Parser)]
#[command(name = "twinlake", version)]
pub struct Command {
    /// The name of the deployment: Terraform's variable `name`.
    #[arg(
        long,
        global = true,
        env = environment::DEPLOYMENT.name,
        default_value = "twinlake"
    )]
    pub deployment: String,
    /// The subcommand.
    #[command(subcommand)]
    pub action: Action,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Check a pipeline's folder and print the statements of its views.
    Check(check::Arguments),
    /// Send events to a pipeline's stream: simulated ones, or the lines of a file.
    Produce(Box<twinlake_produce::Arguments>),
    /// Run SQL or a saved query in Athena, and print the rows.
    Query(query::Arguments),
    /// Show the watermark of each view, and the reason where it waits.
    Status(status::Arguments),
}

/// Runs the subcommand of a command line.
///
/// # Errors
/// The error that stopped the subcommand. Output that was written until then stays.
pub async fn run(command: Command) -> Result<()> {
    match &command.action {
        Action::Check(arguments) => check::run(arguments),
        Action::Produce(arguments) => {
            Ok(twinlake_produce::run(&command.deployment, arguments).await?)
        }
        Action::Query(arguments) => query::run(&command.deployment, arguments).await,
        Action::Status(arguments) => status::run(&command.deployment, arguments).await,
    }
}
