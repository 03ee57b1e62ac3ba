//! The Lambda function `partitions`.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use partitions::handler::{Context, Request, handle};
use twinlake_lake::catalog::GlueCatalog;
use twinlake_lake::clock::{SystemClock, SystemRandomness};
use twinlake_lake::environment::variable;
use twinlake_lake::layout::Layout;
use twinlake_lake::sdk;
use twinlake_lake::store::S3Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let layout = Layout::new(variable("TWINLAKE_BUCKET")?, variable("TWINLAKE_PIPELINE")?);
    let config = sdk::load().await;
    let s3 = aws_sdk_s3::Client::new(&config);
    let store = S3Store::new(
        s3,
        layout.bucket(),
        Arc::new(SystemClock),
        Arc::new(SystemRandomness),
    );
    let catalog = GlueCatalog::new(
        aws_sdk_glue::Client::new(&config),
        variable("TWINLAKE_DATABASE")?,
    );
    let context = Context {
        store: &store,
        catalog: &catalog,
        clock: &SystemClock,
        layout: &layout,
    };
    let context = &context;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Request>| async move {
        handle(context, &event.payload).await.map_err(Error::from)
    }))
    .await
}
