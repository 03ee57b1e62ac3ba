//! Saved queries: Athena's named queries of a pipeline's database, one for each file of `queries/`.

use std::collections::BTreeMap;

use aws_sdk_athena::Client;
use twinlake_lake::aws::failure;

use crate::deployment::Deployment;
use crate::{Error, Result};

/// The most queries that one `BatchGetNamedQuery` takes
/// ([BatchGetNamedQuery](https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetNamedQuery.html)).
const MAX_QUERIES_PER_CALL: usize = 50;

/// Reads the SQL of the pipeline's saved queries, by name.
///
/// # Errors
/// If Athena cannot be asked.
pub async fn read(client: &Client, deployment: &Deployment) -> Result<BTreeMap<String, String>> {
    let operation = "list the saved queries of the workgroup";
    let workgroup = &deployment.workgroup;
    let mut ids = Vec::new();
    let request = client.list_named_queries().work_group(workgroup);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(operation, workgroup, error))?;
        ids.extend(page.named_query_ids().iter().cloned());
    }
    let mut queries = BTreeMap::new();
    for ids in ids.chunks(MAX_QUERIES_PER_CALL) {
        let request = client.batch_get_named_query();
        let sent = request.set_named_query_ids(Some(ids.to_vec())).send().await;
        let output = sent.map_err(|error| failure(operation, workgroup, error))?;
        let of_pipeline = output
            .named_queries()
            .iter()
            .filter(|query| query.database() == deployment.database);
        queries.extend(
            of_pipeline.map(|query| (query.name().to_owned(), query.query_string().to_owned())),
        );
    }
    Ok(queries)
}

/// The SQL of the saved query `name`.
///
/// # Errors
/// If there is none of that name. The help lists the names.
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
    fn an_unknown_query_comes_with_the_names_of_the_others() {
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
