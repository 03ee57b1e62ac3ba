//! The Lambda function `preprocess`.

use std::sync::Arc;

use lambda_runtime::Error;
use preprocess::context::Context;
use preprocess::handler::handle;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;
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
    let s3 = aws_sdk_s3::Client::new(&aws::load().await);
    let (clock, random_source) = (Arc::new(SystemClock), Arc::new(SystemRandomSource));
    let store = S3Store::new(s3, layout.bucket(), clock, random_source);
    // Loaded by the first invocation, whose error then says what is missing.
    let context = OnceCell::new();
    run(&telemetry, async |payload: Box<RawValue>, _| {
        let load = || Context::load(&store, &layout);
        let context = context.get_or_try_init(load).await?;
        handle(context, payload.get())
    })
    .await
}
