//! What Terraform tells the function through its environment.

use twinlake_lake::environment::variable;

use crate::{Error, Result};

/// How old a mark must be, in seconds.
const SETTLE_SECONDS: &str = "TWINLAKE_SETTLE_SECONDS";

/// The function's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The bucket's name.
    pub bucket: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The key of the deployed bundle.
    pub bundle: String,
    /// The age at which a mark is old enough for Firehose to have delivered what it counts, in milliseconds.
    pub settle_ms: i64,
}

impl Settings {
    /// The settings of the process.
    ///
    /// # Errors
    /// If one is missing, or no number where there must be one.
    pub fn from_environment() -> Result<Self> {
        Ok(Self {
            bucket: variable("TWINLAKE_BUCKET")?,
            pipeline: variable("TWINLAKE_PIPELINE")?,
            bundle: variable("TWINLAKE_BUNDLE")?,
            settle_ms: milliseconds(SETTLE_SECONDS, &variable(SETTLE_SECONDS)?)?,
        })
    }
}

fn milliseconds(name: &'static str, seconds: &str) -> Result<i64> {
    let number = seconds.parse::<u32>();
    let number = number.map_err(|_| Error::Setting {
        name,
        detail: format!("{seconds:?} is no number of seconds"),
    });
    Ok(i64::from(number?) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_milliseconds() {
        assert_eq!(milliseconds(SETTLE_SECONDS, "900").unwrap(), 900_000);
        let error = milliseconds(SETTLE_SECONDS, "soon").unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variable TWINLAKE_SETTLE_SECONDS: \"soon\" is no number of seconds"
        );
    }
}
