//! Configuration and errors that the clients of all AWS services share.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::{Error, ErrorKind};

/// Error codes of AWS that ask for the same call a little later.
const THROTTLING_CODES: [&str; 7] = [
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "SlowDown",
    "RequestLimitExceeded",
    "ConcurrentModificationException",
    "InternalServiceException",
];

/// Loads the configuration of the environment (region, credentials, endpoints). A connection may take 3 s and an attempt
/// at a call 20 s.
pub async fn load() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(20))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .load()
        .await
}

/// Converts an error of the SDK, keeping the service's own code and message.
pub fn failure<E>(
    operation: &'static str,
    subject: impl Into<String>,
    error: SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let (kind, detail) = match (error.code(), status) {
        (Some(code), Some(status)) => {
            let later = status >= 500 || status == 429 || THROTTLING_CODES.contains(&code);
            let kind = if later {
                ErrorKind::Unavailable
            } else {
                ErrorKind::Refused
            };
            (
                kind,
                format!("{code}: {}", error.message().unwrap_or("no message")),
            )
        }
        (_, Some(status)) if status < 500 => (ErrorKind::Refused, format!("answered {status}")),
        (_, Some(status)) => (ErrorKind::Unavailable, format!("answered {status}")),
        (_, None) => (ErrorKind::Unavailable, "no answer".to_owned()),
    };
    Error::new(kind, operation, subject, detail).caused_by(error)
}
