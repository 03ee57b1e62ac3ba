//! The Lambda function `batch`.

use std::sync::Arc;

use batch::context::{Context, Services, Settings};
use batch::handler::handle;
use lambda_runtime::Error;
use tokio::sync::OnceCell;
use twinlake_lake::budget::Bounds;
use twinlake_lake::catalog::GlueCatalog;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::delivery::FirehoseDelivery;
use twinlake_lake::layout::Layout;
use twinlake_lake::query::AthenaEngine;
use twinlake_lake::store::S3Store;
use twinlake_lake::{aws, environment};
use twinlake_telemetry::{Telemetry, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let deployment = environment::DEPLOYMENT.value()?;
    let pipeline = environment::PIPELINE.value()?;
    let telemetry = Telemetry::start(&deployment, &pipeline)?;
    let settings = settings(pipeline)?;
    let services = services(&settings).await?;
    // Loaded by the first invocation, whose error then says what is wrong with the bundle.
    let context = OnceCell::new();
    run(&telemetry, async |request, invocation| {
        let load = || Context::load(settings.clone(), services.clone());
        let context = context.get_or_try_init(load).await?;
        handle(context, request, invocation.deadline_ms).await
    })
    .await
}

fn settings(pipeline: String) -> Result<Settings, Error> {
    Ok(Settings {
        layout: Layout::new(environment::BUCKET.value()?, pipeline),
        bundle: environment::BUNDLE.value()?,
        database: environment::DATABASE.value()?,
        stream_arn: environment::STREAM_ARN.value()?,
        settle_ms: environment::SETTLE_SECONDS.seconds_as_ms()?,
        bounds: Bounds::ATHENA,
    })
}

async fn services(settings: &Settings) -> Result<Services, Error> {
    let config = aws::load().await;
    let (clock, random_source) = (Arc::new(SystemClock), Arc::new(SystemRandomSource));
    let store = S3Store::new(
        aws_sdk_s3::Client::new(&config),
        settings.layout.bucket(),
        clock.clone(),
        random_source.clone(),
    );
    let glue = aws_sdk_glue::Client::new(&config);
    let athena = aws_sdk_athena::Client::new(&config);
    let workgroup = environment::WORKGROUP.value()?;
    let firehose = aws_sdk_firehose::Client::new(&config);
    let delivery_stream = environment::DELIVERY_STREAM.value()?;
    Ok(Services {
        store: Arc::new(store),
        catalog: Arc::new(GlueCatalog::new(glue, &settings.database)),
        engine: Arc::new(AthenaEngine::new(athena, workgroup, &settings.database)),
        delivery: Arc::new(FirehoseDelivery::new(firehose, delivery_stream)),
        clock,
        random_source,
    })
}
