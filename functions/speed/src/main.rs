//! The Lambda function `speed`, invoked by an event source mapping of the pipeline's stream.

use std::sync::Arc;

use lambda_runtime::Error;
use speed::context::{Context, Settings};
use speed::handler::handle;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::layout::Layout;
use twinlake_lake::store::S3Store;
use twinlake_lake::stream::KinesisStream;
use twinlake_lake::{aws, environment};
use twinlake_telemetry::{Telemetry, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let deployment = environment::DEPLOYMENT.value()?;
    let pipeline = environment::PIPELINE.value()?;
    let telemetry = Telemetry::start(&deployment, &pipeline)?;
    let settings = Settings {
        layout: Layout::new(environment::BUCKET.value()?, pipeline),
        bundle: environment::BUNDLE.value()?,
        settle_ms: environment::SETTLE_SECONDS.seconds_as_ms()?,
    };
    let config = aws::load().await;
    let client = aws_sdk_s3::Client::new(&config);
    let stream = KinesisStream::new(
        aws_sdk_kinesis::Client::new(&config),
        environment::STREAM_ARN.value()?,
    );
    let (clock, random_source) = (Arc::new(SystemClock), Arc::new(SystemRandomSource));
    let bucket = settings.layout.bucket();
    let store = S3Store::new(client, bucket, clock.clone(), random_source.clone());
    let context = Context::new(
        settings,
        Arc::new(store),
        Arc::new(stream),
        clock,
        random_source,
    );
    run(&telemetry, async |event, _| handle(&context, event).await).await
}
