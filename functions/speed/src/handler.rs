//! The event source mapping's side: all or nothing.

use lambda_runtime::Diagnostic;

use crate::commit::commit;
use crate::context::Context;
use crate::event::{KinesisEvent, ShardRecords};
use crate::{Error, Result};

/// Takes every shard in the payload to the end of its records.
///
/// # Errors
/// If anything fails: the event source mapping then gives the same records again, all of them or in parts, and in the
/// end lays them down for repair. What was committed before the failure is passed over when it comes again.
pub async fn handle(context: &Context, event: KinesisEvent) -> Result<()> {
    let shards = event.into_shards()?;
    let deployment = context.deployment().await?;
    for records in &shards {
        commit(context, deployment, records)
            .await
            .map_err(|error| in_shard(records, error))?;
        let (first, last) = records.bounds();
        tracing::info!(shard = &*records.shard, %first, %last, records = records.records.len(), "committed");
    }
    Ok(())
}

/// The failure as the Lambda service is told of it. This is the one place where it is logged.
pub fn report(error: &Error) -> Diagnostic {
    let error_message = error.report();
    tracing::error!("{error_message}");
    Diagnostic {
        error_type: "speed".to_owned(),
        error_message,
    }
}

fn in_shard(records: &ShardRecords, error: Error) -> Error {
    let (first, last) = records.bounds();
    Error::Shard {
        shard: records.shard.to_string(),
        first: first.to_string(),
        last: last.to_string(),
        source: Box::new(error),
    }
}
