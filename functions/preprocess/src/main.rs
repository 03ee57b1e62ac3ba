//! The Lambda function `preprocess`.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use preprocess::context::Context;
use preprocess::handler::handle;
use serde_json::value::RawValue;
use tokio::sync::OnceCell;
use twinlake_lake::clock::{SystemClock, SystemRandomness};
use twinlake_lake::environment::variable;
use twinlake_lake::layout::Layout;
use twinlake_lake::sdk;
use twinlake_lake::store::S3Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let layout = Layout::new(variable("TWINLAKE_BUCKET")?, variable("TWINLAKE_PIPELINE")?);
    let s3 = aws_sdk_s3::Client::new(&sdk::load().await);
    let (clock, randomness) = (Arc::new(SystemClock), Arc::new(SystemRandomness));
    let store = S3Store::new(s3, layout.bucket(), clock, randomness);
    // Loaded by the first invocation, whose answer then says what is missing.
    let context = OnceCell::new();
    let (layout, store, context) = (&layout, &store, &context);
    lambda_runtime::run(service_fn(
        move |event: LambdaEvent<Box<RawValue>>| async move {
            let context = context
                .get_or_try_init(|| Context::load(store, layout))
                .await?;
            Ok::<_, Error>(handle(context, event.payload.get())?)
        },
    ))
    .await
}
