//! What Terraform hands the functions: environment variables.

use crate::{Error, ErrorKind, Result};

/// The value of an environment variable.
///
/// # Errors
/// [`ErrorKind::NotDeployed`] if it is not set or empty.
pub fn variable(name: &str) -> Result<String> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => {
            let detail = "not set; Terraform sets it when it deploys the function";
            Err(Error::new(
                ErrorKind::NotDeployed,
                "read the environment variable",
                name,
                detail,
            ))
        }
    }
}
