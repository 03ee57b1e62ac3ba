//! Environment variables: every one that Twinlake's functions and command line read, in one list.
//!
//! Terraform sets those of the functions. `docs/environment.md` is made of [`ALL`].

use std::fmt::Write as _;

use crate::{Error, ErrorKind, Result};

/// An environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// The programs that read it.
    pub read_by: &'static str,
    /// The meaning of the value, with its unit, as a sentence.
    pub help: &'static str,
    /// A possible value.
    pub example: &'static str,
}

/// The deployment's name: Terraform's root variable `name`.
pub const DEPLOYMENT: Variable = Variable {
    name: "TWINLAKE_DEPLOYMENT",
    read_by: "all functions, `twinlake`",
    help: "The deployment's name, Terraform's variable `name`. It is the dimension `Deployment` of every metric.",
    example: "twinlake",
};

/// The pipeline's name.
pub const PIPELINE: Variable = Variable {
    name: "TWINLAKE_PIPELINE",
    read_by: "all functions, `twinlake`",
    help: "The pipeline's name. `twinlake` needs it only where several pipelines are deployed.",
    example: "thermostats",
};

/// The lake's bucket.
pub const BUCKET: Variable = Variable {
    name: "TWINLAKE_BUCKET",
    read_by: "all functions",
    help: "The name of the bucket that holds the lake.",
    example: "twinlake-000000000000-eu-central-1",
};

/// The deployed bundle.
pub const BUNDLE: Variable = Variable {
    name: "TWINLAKE_BUNDLE",
    read_by: "speed, batch",
    help: "The key of the pipeline's bundle: its definition, views and queries as one object.",
    example: "bundles/5f2c….json",
};

/// The pipeline's Glue database.
pub const DATABASE: Variable = Variable {
    name: "TWINLAKE_DATABASE",
    read_by: "batch, partitions",
    help: "The name of the pipeline's Glue database.",
    example: "twinlake_thermostats",
};

/// The Athena workgroup of audits and runs.
pub const WORKGROUP: Variable = Variable {
    name: "TWINLAKE_WORKGROUP",
    read_by: "batch",
    help: "The Athena workgroup in which audits and runs are queried.",
    example: "twinlake",
};

/// The pipeline's delivery stream.
pub const DELIVERY_STREAM: Variable = Variable {
    name: "TWINLAKE_DELIVERY_STREAM",
    read_by: "batch",
    help: "The name of the pipeline's delivery stream, whose start is the lake's genesis.",
    example: "twinlake-thermostats",
};

/// The pipeline's stream.
pub const STREAM_ARN: Variable = Variable {
    name: "TWINLAKE_STREAM_ARN",
    read_by: "speed, batch",
    help: "The ARN of the pipeline's stream: `speed` asks for the hash keys of its shards, `batch` tells its discarded batches from those of others.",
    example: "arn:aws:kinesis:eu-central-1:000000000000:stream/twinlake-thermostats",
};

/// The age at which a cut is settled.
pub const SETTLE_SECONDS: Variable = Variable {
    name: "TWINLAKE_SETTLE_SECONDS",
    read_by: "speed, batch",
    help: "The age in seconds at which a cut may be audited, since Firehose has delivered what arrived before it.",
    example: "900",
};

/// The levels that functions log.
pub const LOG_LEVEL: Variable = Variable {
    name: "AWS_LAMBDA_LOG_LEVEL",
    read_by: "all functions",
    help: "The levels that are logged: one of `error`, `warn`, `info`, `debug` and `trace`, or a list such as \
           `info,batch=debug`. Requests to AWS are never logged below `warn`.",
    example: "info",
};

/// Every variable, in the order of the documentation.
pub const ALL: [Variable; 10] = [
    DEPLOYMENT,
    PIPELINE,
    BUCKET,
    BUNDLE,
    DATABASE,
    WORKGROUP,
    DELIVERY_STREAM,
    STREAM_ARN,
    SETTLE_SECONDS,
    LOG_LEVEL,
];

impl Variable {
    /// The value in the process's environment.
    ///
    /// # Errors
    /// [`ErrorKind::NotDeployed`] if it is not set or empty.
    pub fn value(&self) -> Result<String> {
        match std::env::var(self.name) {
            Ok(value) if !value.is_empty() => Ok(value),
            _ => {
                let detail = "not set; Terraform sets it when it deploys the function";
                Err(self.error(detail))
            }
        }
    }

    /// The value as a number of seconds, in milliseconds.
    ///
    /// # Errors
    /// [`ErrorKind::NotDeployed`] if it is not set, or no whole number of seconds.
    pub fn seconds_as_ms(&self) -> Result<i64> {
        let value = self.value()?;
        self.parse_seconds(&value)
    }

    fn parse_seconds(&self, value: &str) -> Result<i64> {
        let seconds: u32 = value
            .parse()
            .map_err(|_| self.error(&format!("{value:?} is no number of seconds")))?;
        Ok(i64::from(seconds) * 1000)
    }

    fn error(&self, detail: &str) -> Error {
        Error::new(
            ErrorKind::NotDeployed,
            "read the environment variable",
            self.name,
            detail,
        )
    }
}

/// The table of all variables in Markdown, as it stands in `docs/environment.md`.
pub fn table() -> String {
    let mut table =
        String::from("| variable | read by | meaning | example |\n| --- | --- | --- | --- |\n");
    for variable in ALL {
        let Variable {
            name,
            read_by,
            help,
            example,
        } = variable;
        writeln!(table, "| `{name}` | {read_by} | {help} | `{example}` |")
            .expect("writing to memory succeeds");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_milliseconds() {
        assert_eq!(SETTLE_SECONDS.parse_seconds("900").unwrap(), 900_000);
        let error = SETTLE_SECONDS.parse_seconds("soon").unwrap_err();
        assert_eq!(
            error.to_string(),
            "read the environment variable TWINLAKE_SETTLE_SECONDS: \"soon\" is no number of seconds"
        );
    }
}
