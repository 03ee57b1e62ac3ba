//! A request to AWS leaves neither its credentials nor its body in a log line, whatever level is chosen.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use twinlake_lake::Store;
use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
use twinlake_lake::store::{Metadata, S3Store};
use twinlake_telemetry::capture::logged;
use twinlake_telemetry::report;

const SECRET_KEY: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYSECRETKEY";
const SESSION_TOKEN: &str = "FwoGZXIvYXdzSESSIONTOKEN";
const EVENT: &str = "secret-5fd1c0ffee";

/// A bucket behind a port at which nobody listens.
fn unreachable_bucket() -> S3Store {
    let token = Some(SESSION_TOKEN.to_owned());
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET_KEY, token, None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(credentials)
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(RetryConfig::disabled())
        .build();
    S3Store::new(
        aws_sdk_s3::Client::from_conf(config),
        "bucket",
        Arc::new(MemoryClock::at(0)),
        Arc::new(SeededRandomSource::new(1)),
    )
}

#[test]
fn neither_credentials_nor_bodies_are_logged() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut refused = None;
    let text = logged(|| {
        refused = runtime.block_on(async {
            tracing::trace!("the lines are captured");
            unreachable_bucket()
                .create("raw/a", EVENT.into(), &Metadata::new())
                .await
                .err()
        });
    });
    let error = refused.unwrap();
    assert!(text.contains("the lines are captured"), "{text}");
    for secret in [SECRET_KEY, SESSION_TOKEN, EVENT] {
        assert!(!text.contains(secret), "{text}");
        assert!(!report(&error).contains(secret), "{}", report(&error));
    }
}
