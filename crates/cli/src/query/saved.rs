//! The queries that a pipeline saved in Athena.

use std::collections::BTreeMap;

use crate::deployment::Deployment;
use crate::{Error, Result};

/// The SQL of the query of that name among the pipeline's.
///
/// # Errors
/// If there is none; the message lists those that there are.
pub fn find<'a>(
    queries: &'a BTreeMap<String, String>,
    name: &str,
    deployment: &Deployment,
) -> Result<&'a str> {
    let found = queries.get(name).map(String::as_str);
    found.ok_or_else(|| {
        let names: Vec<&str> = queries.keys().map(String::as_str).collect();
        let known = match names.as_slice() {
            [] => "the pipeline has none: its folder has no `queries/*.sql`".to_owned(),
            names => format!("the saved queries are {}", names.join(", ")),
        };
        Error::refused(
            format!(
                "the pipeline {} has no saved query {name}",
                deployment.pipeline
            ),
            known,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_query_lists_those_that_there_are() {
        let deployment = Deployment {
            pipeline: "thermostats".into(),
            database: "twinlake_thermostats".into(),
            bucket: "lake".into(),
            workgroup: "twinlake".into(),
            bundle: "bundles/0.json".into(),
            settle_seconds: None,
        };
        let mut queries = BTreeMap::new();
        let explanation = |queries: &BTreeMap<String, String>| {
            find(queries, "kpi", &deployment).unwrap_err().explanation()
        };
        let error = explanation(&queries);
        assert!(
            error.contains("the pipeline thermostats has no saved query kpi\n"),
            "{error}"
        );
        assert!(error.contains("the pipeline has none"), "{error}");
        queries.insert("daily_kpi".to_owned(), "SELECT 1".to_owned());
        queries.insert("top".to_owned(), "SELECT 2".to_owned());
        let error = explanation(&queries);
        assert!(
            error.ends_with("the saved queries are daily_kpi, top"),
            "{error}"
        );
        assert_eq!(find(&queries, "top", &deployment).unwrap(), "SELECT 2");
    }
}
