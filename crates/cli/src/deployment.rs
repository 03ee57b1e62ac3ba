//! What `terraform apply` has made of a pipeline, found through the parameters of its Glue database.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;
use clap::Args;
use twinlake_lake::aws::failure;
use twinlake_lake::catalog::GlueCatalog;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::store::S3Store;

use crate::{Error, Result};

/// Which pipeline of the deployment is meant.
#[derive(Debug, Clone, Args)]
pub struct PipelineArgument {
    /// The pipeline; may be left out where only one is deployed.
    #[arg(long, env = "TWINLAKE_PIPELINE")]
    pub pipeline: Option<String>,
}

/// A deployed pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The pipeline's name.
    pub pipeline: String,
    /// Its Glue database.
    pub database: String,
    /// The bucket that holds its lake.
    pub bucket: String,
    /// The Athena workgroup that its queries run in.
    pub workgroup: String,
    /// The key of its bundle.
    pub bundle: String,
    /// How old a cut must be for batch to use it, in seconds, where the deployment says so itself.
    pub settle_seconds: Option<i64>,
}

/// The name of a pipeline's Glue database.
pub fn database_name(name: &str, pipeline: &str) -> String {
    format!("{name}_{pipeline}").replace('-', "_")
}

/// The name of a pipeline's stream.
pub fn stream_name(name: &str, pipeline: &str) -> String {
    format!("{name}-{pipeline}")
}

impl Deployment {
    /// Finds the pipeline of that name, or the only one, in the deployment `name`.
    ///
    /// # Errors
    /// If it is not deployed, or none was named and there is not exactly one.
    pub async fn find(config: &SdkConfig, name: &str, pipeline: Option<&str>) -> Result<Self> {
        let client = aws_sdk_glue::Client::new(config);
        let pipeline = match pipeline {
            Some(pipeline) => pipeline.to_owned(),
            None => only(name, &pipelines(&client, name).await?)?,
        };
        let database = database_name(name, &pipeline);
        let parameters = GlueCatalog::new(client, &database)
            .database_parameters()
            .await?;
        Self::from_parameters(&database, &parameters)
    }

    /// Reads the parameters of a database.
    ///
    /// # Errors
    /// If one is missing: the database is none of Twinlake's.
    pub fn from_parameters(database: &str, parameters: &BTreeMap<String, String>) -> Result<Self> {
        let parameter = |name: &str| {
            parameters.get(name).cloned().ok_or_else(|| {
                Error::Request(format!(
                    "the Glue database {database} has no parameter {name}: it belongs to no Twinlake pipeline, or to \
                     one of another version; run `terraform apply`"
                ))
            })
        };
        let settle_seconds = parameters.get("twinlake.settle_seconds");
        Ok(Self {
            pipeline: parameter("twinlake.pipeline")?,
            database: database.to_owned(),
            bucket: parameter("twinlake.bucket")?,
            workgroup: parameter("twinlake.workgroup")?,
            bundle: parameter("twinlake.bundle")?,
            settle_seconds: settle_seconds.and_then(|seconds| seconds.parse().ok()),
        })
    }

    /// The tables of its database.
    pub fn catalog(&self, config: &SdkConfig) -> GlueCatalog {
        GlueCatalog::new(aws_sdk_glue::Client::new(config), &self.database)
    }

    /// Its bucket.
    pub fn store(&self, config: &SdkConfig) -> S3Store {
        let client = aws_sdk_s3::Client::new(config);
        S3Store::new(
            client,
            &self.bucket,
            Arc::new(SystemClock),
            Arc::new(SystemRandomSource),
        )
    }
}

/// The pipelines that are deployed under `name`.
async fn pipelines(client: &aws_sdk_glue::Client, name: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut pages = client.get_databases().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("list the databases of", name, error))?;
        found.extend(page.database_list().iter().filter_map(|database| {
            let pipeline = database.parameters()?.get("twinlake.pipeline")?;
            (database.name() == database_name(name, pipeline)).then(|| pipeline.clone())
        }));
    }
    Ok(found)
}

fn only(name: &str, pipelines: &[String]) -> Result<String> {
    match pipelines {
        [pipeline] => Ok(pipeline.clone()),
        [] => Err(Error::Request(format!(
            "no pipeline is deployed under the name {name}: run `terraform apply`, or check --deployment, region, account and \
             endpoint"
        ))),
        several => Err(Error::Request(format!(
            "several pipelines are deployed: choose one with --pipeline ({})",
            several.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> BTreeMap<String, String> {
        let pairs = [
            ("twinlake.pipeline", "thermostats"),
            ("twinlake.bucket", "lake"),
            ("twinlake.workgroup", "group"),
            ("twinlake.bundle", "bundles/0.json"),
        ];
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn names_follow_from_the_deployment_and_the_pipeline() {
        assert_eq!(database_name("my-lake", "cars-eu"), "my_lake_cars_eu");
        assert_eq!(stream_name("my-lake", "cars-eu"), "my-lake-cars-eu");
    }

    #[test]
    fn everything_is_found_from_the_database() {
        let mut parameters = parameters();
        let found = Deployment::from_parameters("twinlake_thermostats", &parameters).unwrap();
        assert_eq!(
            (found.bucket.as_str(), found.settle_seconds),
            ("lake", None)
        );

        parameters.insert("twinlake.settle_seconds".into(), "5".into());
        let found = Deployment::from_parameters("twinlake_thermostats", &parameters).unwrap();
        assert_eq!(found.settle_seconds, Some(5));

        parameters.remove("twinlake.bucket");
        let error = Deployment::from_parameters("twinlake_thermostats", &parameters).unwrap_err();
        assert!(
            error.to_string().contains("no parameter twinlake.bucket"),
            "{error}"
        );
    }

    #[test]
    fn a_pipeline_need_be_named_only_where_there_are_several() {
        assert_eq!(only("lake", &["one".to_owned()]).unwrap(), "one");
        let error = only("lake", &["one".to_owned(), "two".to_owned()]).unwrap_err();
        assert!(
            error.to_string().contains("--pipeline (one, two)"),
            "{error}"
        );
        assert!(
            only("lake", &[])
                .unwrap_err()
                .to_string()
                .contains("terraform apply")
        );
    }
}
