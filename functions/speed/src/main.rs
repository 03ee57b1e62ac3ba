//! The speed layer's Lambda function, invoked by an event source mapping of the pipeline's stream.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use speed::context::Context;
use speed::event::KinesisEvent;
use speed::handler;
use speed::settings::Settings;
use twinlake_lake::clock::{SystemClock, SystemRandomness};
use twinlake_lake::store::S3Store;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let settings = Settings::from_environment()?;
    let client = aws_sdk_s3::Client::new(&twinlake_lake::sdk::load().await);
    let (clock, randomness) = (Arc::new(SystemClock), Arc::new(SystemRandomness));
    let store = S3Store::new(client, &settings.bucket, clock.clone(), randomness.clone());
    let context = &Context::new(settings, Arc::new(store), clock, randomness);
    let invoke = |event: LambdaEvent<KinesisEvent>| async move {
        handler::handle(context, event.payload)
            .await
            .map_err(|error| handler::report(&error))
    };
    lambda_runtime::run(service_fn(invoke)).await
}
