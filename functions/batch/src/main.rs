//! The Lambda function `batch`.

use std::sync::Arc;

use batch::context::{Context, Services, Settings};
use batch::handler::{Request, handle};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use tokio::sync::OnceCell;
use twinlake_lake::catalog::GlueCatalog;
use twinlake_lake::clock::{SystemClock, SystemRandomness};
use twinlake_lake::delivery::FirehoseDelivery;
use twinlake_lake::environment::variable;
use twinlake_lake::layout::Layout;
use twinlake_lake::query::AthenaEngine;
use twinlake_lake::sdk;
use twinlake_lake::store::S3Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let settings = settings()?;
    let services = services(&settings).await?;
    // Loaded by the first invocation, whose answer then says what is wrong with the bundle.
    let context = OnceCell::new();
    let (settings, services, context) = (&settings, &services, &context);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Request>| async move {
        let load = || Context::load(settings.clone(), services.clone());
        let context = context.get_or_try_init(load).await?;
        let deadline_ms = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
        Ok::<_, Error>(handle(context, event.payload, deadline_ms).await?)
    }))
    .await
}

fn settings() -> Result<Settings, Error> {
    let settle_seconds = variable("TWINLAKE_SETTLE_SECONDS")?;
    let settle_seconds: i64 = settle_seconds.parse().map_err(|_| {
        format!("TWINLAKE_SETTLE_SECONDS must be a number of seconds, not {settle_seconds:?}")
    })?;
    Ok(Settings {
        layout: Layout::new(variable("TWINLAKE_BUCKET")?, variable("TWINLAKE_PIPELINE")?),
        bundle: variable("TWINLAKE_BUNDLE")?,
        database: variable("TWINLAKE_DATABASE")?,
        stream_arn: variable("TWINLAKE_STREAM_ARN")?,
        settle_ms: settle_seconds * 1000,
    })
}

async fn services(settings: &Settings) -> Result<Services, Error> {
    let config = sdk::load().await;
    let (clock, randomness) = (Arc::new(SystemClock), Arc::new(SystemRandomness));
    let s3 = aws_sdk_s3::Client::new(&config);
    let athena = aws_sdk_athena::Client::new(&config);
    let firehose = aws_sdk_firehose::Client::new(&config);
    Ok(Services {
        store: Arc::new(S3Store::new(
            s3,
            settings.layout.bucket(),
            clock.clone(),
            randomness.clone(),
        )),
        catalog: Arc::new(GlueCatalog::new(
            aws_sdk_glue::Client::new(&config),
            &settings.database,
        )),
        engine: Arc::new(AthenaEngine::new(
            athena,
            variable("TWINLAKE_WORKGROUP")?,
            &settings.database,
        )),
        delivery: Arc::new(FirehoseDelivery::new(
            firehose,
            variable("TWINLAKE_DELIVERY_STREAM")?,
        )),
        clock,
        randomness,
    })
}
