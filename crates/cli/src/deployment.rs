//! Deployed pipelines, found through the parameters of their Glue databases.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::SdkConfig;
use clap::Args;
use twinlake_lake::aws::failure;
use twinlake_lake::catalog::GlueCatalog;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::environment;
use twinlake_lake::store::S3Store;

use crate::{Error, Result};

/// The argument that chooses a pipeline of the deployment.
#[derive(Debug, Clone, Args)]
pub struct PipelineArgument {
    /// The pipeline; needed only where several are deployed.
    #[arg(long, env = environment::PIPELINE.name)]
    pub pipeline: Option<String>,
}

/// A deployed pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The pipeline's name.
    pub pipeline: String,
    /// The name of the pipeline's Glue database.
    pub database: String,
    /// The name of the bucket that holds the lake.
    pub bucket: String,
    /// The Athena workgroup of the pipeline's queries.
    pub workgroup: String,
    /// The key of the deployed bundle.
    pub bundle: String,
    /// The age in seconds at which a cut is settled; `None` where the deployment does not say.
    pub settle_seconds: Option<i64>,
}

/// The name of a pipeline's Glue database.
fn database_name(deployment: &str, pipeline: &str) -> String {
    format!("{deployment}_{pipeline}").replace('-', "_")
}

impl Deployment {
    /// Finds a pipeline of `deployment`; without a name, the only one.
    ///
    /// # Errors
    /// If the pipeline is not deployed, or none was named and there is not exactly one.
    pub async fn find(
        config: &SdkConfig,
        deployment: &str,
        pipeline: Option<&str>,
    ) -> Result<Self> {
        let client = aws_sdk_glue::Client::new(config);
        let pipeline = match pipeline {
            Some(pipeline) => pipeline.to_owned(),
            None => only(deployment, &pipelines(&client, deployment).await?)?,
        };
        let database = database_name(deployment, &pipeline);
        let parameters = GlueCatalog::new(client, &database)
            .database_parameters()
            .await?;
        Self::from_parameters(&database, &parameters)
    }

    /// Reads the parameters of a pipeline's database.
    ///
    /// # Errors
    /// If one is missing, so that the database does not belong to a pipeline of this version.
    pub fn from_parameters(database: &str, parameters: &BTreeMap<String, String>) -> Result<Self> {
        let parameter = |name: &str| {
            parameters.get(name).cloned().ok_or_else(|| {
                Error::refused(
                    format!(
                        "the Glue database {database} has no parameter {name}: it belongs to no Twinlake pipeline, or \
                         to one of another version"
                    ),
                    "run `terraform apply`",
                )
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

    /// The tables of the pipeline's database.
    pub fn catalog(&self, config: &SdkConfig) -> GlueCatalog {
        GlueCatalog::new(aws_sdk_glue::Client::new(config), &self.database)
    }

    /// The bucket that holds the lake.
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

/// The names of the pipelines of a deployment.
async fn pipelines(client: &aws_sdk_glue::Client, deployment: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut pages = client.get_databases().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("list the databases of", deployment, error))?;
        found.extend(page.database_list().iter().filter_map(|database| {
            let pipeline = database.parameters()?.get("twinlake.pipeline")?;
            (database.name() == database_name(deployment, pipeline)).then(|| pipeline.clone())
        }));
    }
    Ok(found)
}

fn only(deployment: &str, pipelines: &[String]) -> Result<String> {
    match pipelines {
        [pipeline] => Ok(pipeline.clone()),
        [] => Err(Error::refused(
            format!("the deployment {deployment} has no pipeline"),
            "run `terraform apply`, or check --deployment, region, account and endpoint",
        )),
        several => Err(Error::refused(
            "several pipelines are deployed",
            format!("choose one with --pipeline: {}", several.join(", ")),
        )),
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
    fn the_database_is_named_after_deployment_and_pipeline() {
        assert_eq!(database_name("my-lake", "cars-eu"), "my_lake_cars_eu");
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
            error.explanation().contains("--pipeline: one, two"),
            "{error}"
        );
        let error = only("lake", &[]).unwrap_err();
        assert!(error.explanation().contains("terraform apply"), "{error}");
    }
}
