//! Athena, as far as a person at a command line needs it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionContext, QueryExecutionState, ResultSet,
};
use twinlake_lake::aws::failure;
use twinlake_lake::{Clock, Error as LakeError, ErrorKind};

use super::output::{Column, ResultTable, Row};
use crate::deployment::Deployment;
use crate::{Error, Result, time};

/// How many queries one `BatchGetNamedQuery` takes
/// ([BatchGetNamedQuery](https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetNamedQuery.html)).
const NAMED_QUERIES: usize = 50;
/// The first pause between two looks at a query; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two looks.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// A pipeline's workgroup and database.
#[derive(Debug, Clone)]
pub struct Athena<'a> {
    client: Client,
    deployment: &'a Deployment,
}

/// The result of a query, with what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Columns and rows.
    pub result: ResultTable,
    /// How many bytes Athena read.
    pub scanned_bytes: u64,
    /// How long Athena worked, in milliseconds.
    pub elapsed_ms: i64,
}

impl Answer {
    /// How many rows there are and what they cost, for people.
    pub fn describe(&self) -> String {
        let rows = self.result.rows.len();
        format!(
            "{rows} {}, {} bytes scanned, {}",
            if rows == 1 { "row" } else { "rows" },
            self.scanned_bytes,
            time::span(self.elapsed_ms)
        )
    }
}

impl<'a> Athena<'a> {
    /// The workgroup and the database of a deployed pipeline.
    pub fn new(client: Client, deployment: &'a Deployment) -> Self {
        Self { client, deployment }
    }

    /// Runs a statement and gives all of its rows.
    ///
    /// # Errors
    /// If Athena refuses or fails it, with Athena's own text.
    pub async fn answer(&self, statement: &str, clock: &dyn Clock) -> Result<Answer> {
        let context = QueryExecutionContext::builder()
            .database(&self.deployment.database)
            .build();
        let request = self.client.start_query_execution().query_string(statement);
        let request = request
            .work_group(&self.deployment.workgroup)
            .query_execution_context(context);
        let started = request.send().await;
        let workgroup = &self.deployment.workgroup;
        let started =
            started.map_err(|error| failure("start a query in the workgroup", workgroup, error))?;
        let query = started.query_execution_id().unwrap_or_default();
        let execution = self.wait(query, clock).await?;
        let statistics = execution.statistics();
        let scanned = statistics.and_then(|found| found.data_scanned_in_bytes());
        Ok(Answer {
            result: self.rows(query).await?,
            scanned_bytes: scanned.map_or(0, |bytes| u64::try_from(bytes).unwrap_or(0)),
            elapsed_ms: statistics
                .and_then(|found| found.total_execution_time_in_millis())
                .unwrap_or(0),
        })
    }

    async fn wait(&self, query: &str, clock: &dyn Clock) -> Result<QueryExecution> {
        let mut pause = FIRST_PAUSE;
        loop {
            let operation = "look after the query";
            let sent = self
                .client
                .get_query_execution()
                .query_execution_id(query)
                .send()
                .await;
            let output = sent.map_err(|error| failure(operation, query, error))?;
            let execution = output
                .query_execution
                .ok_or_else(|| no_part(operation, query, "execution"))?;
            let status = execution.status();
            match status.and_then(|status| status.state()) {
                Some(QueryExecutionState::Succeeded) => return Ok(execution),
                Some(QueryExecutionState::Failed | QueryExecutionState::Cancelled) => {
                    let reason = status.and_then(|status| status.state_change_reason());
                    return Err(Error::Query {
                        query: query.to_owned(),
                        reason: reason.unwrap_or("it gives no reason").to_owned(),
                    });
                }
                _ => clock.sleep(pause).await,
            }
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    async fn rows(&self, query: &str) -> Result<ResultTable> {
        let operation = "read the result of the query";
        let mut pages = self
            .client
            .get_query_results()
            .query_execution_id(query)
            .into_paginator()
            .send();
        let mut result = ResultTable::default();
        let mut first = true;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(operation, query, error))?;
            let set = page
                .result_set()
                .ok_or_else(|| no_part(operation, query, "result set"))?;
            if first {
                result.columns = columns_of(set);
            }
            let mut rows = rows_of(set);
            if first
                && rows
                    .first()
                    .is_some_and(|row| is_header(row, &result.columns))
            {
                rows.remove(0);
            }
            result.rows.append(&mut rows);
            first = false;
        }
        Ok(result)
    }

    /// The SQL of the pipeline's saved queries, by their names.
    ///
    /// # Errors
    /// If Athena cannot be asked.
    pub async fn named_queries(&self) -> Result<BTreeMap<String, String>> {
        let (operation, workgroup) = (
            "list the saved queries of the workgroup",
            &self.deployment.workgroup,
        );
        let mut ids = Vec::new();
        let mut pages = self
            .client
            .list_named_queries()
            .work_group(workgroup)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure(operation, workgroup, error))?;
            ids.extend(page.named_query_ids().iter().cloned());
        }
        let mut queries = BTreeMap::new();
        for ids in ids.chunks(NAMED_QUERIES) {
            let request = self.client.batch_get_named_query();
            let sent = request.set_named_query_ids(Some(ids.to_vec())).send().await;
            let output = sent.map_err(|error| failure(operation, workgroup, error))?;
            let of_pipeline = output
                .named_queries()
                .iter()
                .filter(|query| query.database() == self.deployment.database);
            queries.extend(
                of_pipeline.map(|query| (query.name().to_owned(), query.query_string().to_owned())),
            );
        }
        Ok(queries)
    }
}

fn columns_of(set: &ResultSet) -> Vec<Column> {
    let columns = set
        .result_set_metadata()
        .map(|metadata| metadata.column_info());
    let column = |column: &aws_sdk_athena::types::ColumnInfo| Column {
        name: column.name().to_owned(),
        athena_type: column.r#type().to_owned(),
    };
    columns.unwrap_or_default().iter().map(column).collect()
}

fn rows_of(set: &ResultSet) -> Vec<Row> {
    let rows = set.rows().iter();
    rows.map(|row| {
        row.data()
            .iter()
            .map(|datum| datum.var_char_value().map(str::to_owned))
            .collect()
    })
    .collect()
}

/// Whether a result's first row is the one with the column names, which Athena puts before the rows of a `SELECT` and
/// not before those of a `SHOW`.
fn is_header(row: &Row, columns: &[Column]) -> bool {
    let names = columns.iter().map(|column| Some(column.name.as_str()));
    row.iter().map(Option::as_deref).eq(names)
}

fn no_part(operation: &'static str, subject: &str, part: &str) -> LakeError {
    let detail = format!("Athena's answer holds no {part}");
    LakeError::new(ErrorKind::Unavailable, operation, subject, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_row_of_the_column_names_is_a_header() {
        let column = |name: &str| Column {
            name: name.to_owned(),
            athena_type: "varchar".to_owned(),
        };
        let columns = [column("a"), column("b")];
        let row = |cells: [Option<&str>; 2]| cells.map(|cell| cell.map(str::to_owned)).to_vec();
        assert!(is_header(&row([Some("a"), Some("b")]), &columns));
        assert!(!is_header(&row([Some("a"), None]), &columns));
        assert!(!is_header(&vec![Some("a".to_owned())], &columns));
    }

    #[test]
    fn an_answer_says_what_it_cost() {
        let answer = Answer {
            result: ResultTable {
                columns: Vec::new(),
                rows: vec![Vec::new()],
            },
            scanned_bytes: 12,
            elapsed_ms: 1_500,
        };
        assert_eq!(answer.describe(), "1 row, 12 bytes scanned, 1 s");
    }
}
