//! The run of a function: invocation after invocation, each with its span, its metrics and its error.

use std::io;

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use metrics_cloudwatch_embedded::{Builder, Collector};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use crate::failure::{Failure, report};
use crate::{logs, metric};

/// The environment variable of the levels that are logged, as the Lambda console sets it.
const LOG_LEVEL: &str = "AWS_LAMBDA_LOG_LEVEL";

/// The telemetry of one process.
pub struct Telemetry {
    pipeline: String,
    metrics: &'static Collector,
}

/// One invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's id of the request.
    pub request_id: String,
    /// The end of the time that Lambda gives the invocation, in milliseconds since 1970.
    pub deadline_ms: i64,
}

impl Telemetry {
    /// Installs the process's log subscriber, panic hook and metrics recorder.
    ///
    /// # Errors
    /// If either was installed before.
    pub fn start(deployment: &str, pipeline: &str) -> Result<Self, lambda_runtime::Error> {
        let levels = std::env::var(LOG_LEVEL).unwrap_or_default().to_lowercase();
        let levels = if levels.is_empty() { "info" } else { &levels };
        tracing::subscriber::set_global_default(logs::subscriber(levels, io::stdout))?;
        std::panic::set_hook(Box::new(
            |panic| tracing::error!(%panic, "the function panicked"),
        ));
        let [deployment_name, pipeline_name] = metric::BASE_DIMENSIONS;
        let metrics = Builder::new()
            .cloudwatch_namespace(metric::NAMESPACE)
            .with_dimension(deployment_name, deployment.to_owned())
            .with_dimension(pipeline_name, pipeline.to_owned())
            .init()?;
        for metric in metric::ALL {
            metric.describe();
        }
        Ok(Self {
            pipeline: pipeline.to_owned(),
            metrics,
        })
    }

    /// Runs one invocation in its span. The metrics are written whether or not it fails.
    async fn invoke<Request, Response, Error>(
        &self,
        handle: &impl AsyncFn(Request, Invocation) -> Result<Response, Error>,
        event: LambdaEvent<Request>,
    ) -> Result<Response, Diagnostic>
    where
        Error: Failure,
    {
        let request_id = event.context.request_id;
        let span = tracing::info_span!("invocation", pipeline = self.pipeline, request_id);
        self.metrics.set_property("RequestId", request_id.clone());
        let invocation = Invocation {
            request_id,
            deadline_ms: i64::try_from(event.context.deadline).unwrap_or(i64::MAX),
        };
        let outcome = handle(event.payload, invocation)
            .instrument(span.clone())
            .await;
        let outcome = outcome.map_err(|error| span.in_scope(|| diagnostic(&error)));
        if let Err(error) = self.metrics.flush(io::stdout().lock()) {
            tracing::error!(%error, "the metrics could not be written");
        }
        outcome
    }
}

/// Runs a function until Lambda ends the process: `handle` is called for one invocation after the other.
///
/// # Errors
/// If the Lambda Runtime API cannot be reached. A failure of `handle` fails its invocation only.
pub async fn run<Request, Response, Error>(
    telemetry: &Telemetry,
    handle: impl AsyncFn(Request, Invocation) -> Result<Response, Error>,
) -> Result<(), lambda_runtime::Error>
where
    Request: DeserializeOwned,
    Response: Serialize,
    Error: Failure,
{
    let handle = &handle;
    // Without the runtime's own tracing layer: it would repeat the request's id in a second span.
    Runtime::new(service_fn(move |event| telemetry.invoke(handle, event)))
        .run()
        .await
}

/// Logs the error that failed an invocation, and gives it as Lambda is told of it. This is the one place where such an
/// error is logged.
fn diagnostic(error: &impl Failure) -> Diagnostic {
    let (error_type, error_message) = (error.kind().to_owned(), report(error));
    tracing::error!(error_type, error = error_message, "invocation failed");
    Diagnostic {
        error_type,
        error_message,
    }
}
