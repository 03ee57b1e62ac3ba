//! What an invocation answers, and the metric it leaves for the alarm.

use serde::Serialize;
use serde_json::json;
use twinlake_lake::state::proof::Held;

use crate::cleanup::Deleted;
use crate::reconcile::Progress;

/// What a tick did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Every view, in alphabetical order.
    pub views: Vec<ViewReport>,
    /// The shards that go no further, with both counts and the range.
    pub held: Vec<HeldShard>,
}

/// What a tick did for a view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewReport {
    /// The view's name.
    pub view: String,
    /// How far it has come.
    pub progress: Progress,
    /// What was deleted.
    pub deleted: Deleted,
}

/// A shard that goes no further.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldShard {
    /// The shard's id.
    pub shard: String,
    /// Why.
    #[serde(flatten)]
    pub held: Held,
}

/// The number of held shards as a line of CloudWatch's embedded metric format, which becomes a metric when it is
/// logged: `HeldShards` in the namespace `Twinlake`, by pipeline.
///
/// Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
pub fn held_shards_metric(pipeline: &str, held: usize, now_ms: i64) -> String {
    json!({
        "_aws": {
            "Timestamp": now_ms,
            "CloudWatchMetrics": [{
                "Namespace": "Twinlake",
                "Dimensions": [["Pipeline"]],
                "Metrics": [{ "Name": "HeldShards", "Unit": "Count" }],
            }],
        },
        "Pipeline": pipeline,
        "HeldShards": held,
    })
    .to_string()
}
