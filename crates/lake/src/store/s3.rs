//! [`Store`] on Amazon S3.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use bytes::Bytes;

use super::{Listed, Metadata, Object, Store, Written};
use crate::aws::failure;
use crate::clock::{Clock, RandomSource};
use crate::retry::RetryParams;
use crate::{Error, ErrorKind, Result};

/// The most keys that one `DeleteObjects` takes.
const MAX_KEYS_PER_DELETE: usize = 1000;

/// An S3 bucket.
#[derive(Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    clock: Arc<dyn Clock>,
    random_source: Arc<dyn RandomSource>,
}

impl S3Store {
    /// The bucket `bucket`, reached through `client`.
    pub fn new(
        client: Client,
        bucket: impl Into<String>,
        clock: Arc<dyn Clock>,
        random_source: Arc<dyn RandomSource>,
    ) -> Self {
        Self {
            client,
            bucket: bucket.into(),
            clock,
            random_source,
        }
    }

    /// Sends a conditional PUT. 412, and 404 for a replacement, mean that the condition did not hold. 409 means that S3
    /// could not decide it, because of another write at the same moment: the PUT is repeated until S3 can.
    async fn put(
        &self,
        key: &str,
        condition: impl Fn(PutObjectFluentBuilder) -> PutObjectFluentBuilder + Send + Sync,
        bytes: Bytes,
    ) -> Result<Written> {
        let mut delays = RetryParams::CONFLICT.delays(&*self.random_source);
        loop {
            let request = self.client.put_object().bucket(&self.bucket).key(key);
            let request = condition(request.body(ByteStream::from(bytes.clone())));
            let sent = request.send().await;
            let error = match sent {
                Ok(output) => {
                    return Ok(Written::Done(output.e_tag().unwrap_or_default().to_owned()));
                }
                Err(error) => error,
            };
            match error
                .raw_response()
                .map(|response| response.status().as_u16())
            {
                Some(412 | 404) if error.code() != Some("NoSuchBucket") => {
                    return Ok(Written::PreconditionFailed);
                }
                Some(409) => match delays.next() {
                    Some(delay) => self.clock.sleep(delay).await,
                    None => return Err(still_in_conflict(key)),
                },
                _ => return Err(failure("write", key, error)),
            }
        }
    }
}

#[async_trait]
impl Store for S3Store {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        let output = match self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
        {
            Ok(output) => output,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failure("read", key, error)),
        };
        let etag = output.e_tag().unwrap_or_default().to_owned();
        let metadata = output
            .metadata()
            .map(|map| map.clone().into_iter().collect())
            .unwrap_or_default();
        Ok(Some(Object {
            bytes: collect(key, output.body).await?,
            etag,
            metadata,
        }))
    }

    async fn beginning(&self, key: &str, limit: u64) -> Result<Option<Bytes>> {
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let sent = request
            .range(format!("bytes=0-{}", limit.saturating_sub(1)))
            .send()
            .await;
        let output = match sent {
            Ok(output) => output,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            // An empty object has no first byte.
            Err(error) if error.code() == Some("InvalidRange") => return Ok(Some(Bytes::new())),
            Err(error) => return Err(failure("read", key, error)),
        };
        Ok(Some(collect(key, output.body).await?))
    }

    async fn metadata(&self, key: &str) -> Result<Option<Metadata>> {
        match self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
        {
            Ok(output) => Ok(Some(
                output
                    .metadata()
                    .map(|map| map.clone().into_iter().collect())
                    .unwrap_or_default(),
            )),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(failure("read the metadata of", key, error)),
        }
    }

    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written> {
        let absent = |request: PutObjectFluentBuilder| {
            let metadata = metadata.clone().into_iter().collect();
            request.if_none_match("*").set_metadata(Some(metadata))
        };
        self.put(key, absent, bytes).await
    }

    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        self.put(key, |request| request.if_match(etag), bytes).await
    }

    async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .set_start_after((!after.is_empty()).then(|| after.to_owned()))
            .into_paginator()
            .send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("list", prefix, error))?;
            listed.extend(page.contents().iter().map(|object| {
                Listed {
                    key: object.key().unwrap_or_default().to_owned(),
                    size: object.size().unwrap_or_default().unsigned_abs(),
                    modified_ms: object
                        .last_modified()
                        .and_then(|time| time.to_millis().ok())
                        .unwrap_or_default(),
                }
            }));
        }
        Ok(listed)
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(prefix)
            .delimiter("/");
        let mut pages = request.into_paginator().send();
        let mut folders = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("list", prefix, error))?;
            folders.extend(
                page.common_prefixes()
                    .iter()
                    .filter_map(|folder| folder.prefix().map(str::to_owned)),
            );
        }
        Ok(folders)
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        for group in keys.chunks(MAX_KEYS_PER_DELETE) {
            let objects = group
                .iter()
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect::<std::result::Result<Vec<_>, _>>()
                .map_err(|error| Error::new(ErrorKind::Refused, "delete", &group[0], error))?;
            let request = Delete::builder()
                .set_objects(Some(objects))
                .quiet(true)
                .build();
            let request = request
                .map_err(|error| Error::new(ErrorKind::Refused, "delete", &group[0], error))?;
            let sent = self
                .client
                .delete_objects()
                .bucket(&self.bucket)
                .delete(request)
                .send()
                .await;
            let output = sent.map_err(|error| failure("delete", &group[0], error))?;
            if let Some(error) = output.errors().first() {
                let detail = format!(
                    "{} (request {})",
                    error.message().unwrap_or("refused"),
                    output.request_id().unwrap_or("?")
                );
                return Err(Error::new(
                    ErrorKind::Refused,
                    "delete",
                    error.key().unwrap_or_default(),
                    detail,
                ));
            }
        }
        Ok(())
    }
}

async fn collect(key: &str, body: ByteStream) -> Result<Bytes> {
    let collected = body.collect().await.map_err(|error| {
        Error::new(ErrorKind::Unavailable, "read", key, "the connection broke").caused_by(error)
    })?;
    Ok(collected.into_bytes())
}

fn still_in_conflict(key: &str) -> Error {
    let detail = "S3 has answered every attempt with 409, since other writes were under way";
    Error::new(ErrorKind::Unavailable, "write", key, detail)
}

/// Reports whether a key is missing. An answer to `HEAD` has no body, so the status alone tells.
fn is_not_found(error: &SdkError<HeadObjectError>) -> bool {
    error
        .raw_response()
        .is_some_and(|response| response.status().as_u16() == 404)
}
