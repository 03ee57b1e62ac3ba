//! The command `twinlake`.

use std::process::ExitCode;

use clap::Parser;
use twinlake_cli::Command;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Command::parse();
    match twinlake_cli::run(command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("{}", error.explanation());
            ExitCode::from(error.exit_status())
        }
    }
}
