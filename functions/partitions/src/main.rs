//! The Lambda function `partitions`.

use std::sync::Arc;

use lambda_runtime::Error;
use partitions::{Context, Request, handle};
use twinlake_lake::catalog::GlueCatalog;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::layout::Layout;
use twinlake_lake::store::S3Store;
use twinlake_lake::{aws, environment};
use twinlake_telemetry::{Telemetry, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let deployment = environment::DEPLOYMENT.value()?;
    let pipeline = environment::PIPELINE.value()?;
    let telemetry = Telemetry::start(&deployment, &pipeline)?;
    let layout = Layout::new(environment::BUCKET.value()?, pipeline);
    let config = aws::load().await;
    let s3 = aws_sdk_s3::Client::new(&config);
    let (clock, random_source) = (Arc::new(SystemClock), Arc::new(SystemRandomSource));
    let store = S3Store::new(s3, layout.bucket(), clock, random_source);
    let glue = aws_sdk_glue::Client::new(&config);
    let catalog = GlueCatalog::new(glue, environment::DATABASE.value()?);
    let context = Context {
        store: &store,
        catalog: &catalog,
        clock: &SystemClock,
        layout: &layout,
    };
    run(&telemetry, async |request: Request, _| {
        handle(&context, &request).await
    })
    .await
}
