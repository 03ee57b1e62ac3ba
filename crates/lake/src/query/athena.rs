//! [`QueryEngine`] on Amazon Athena.

use async_trait::async_trait;
use aws_sdk_athena::Client;
use aws_sdk_athena::types::{QueryExecution, QueryExecutionContext, QueryExecutionState};

use super::{MAX_STATEMENT_BYTES, ObjectAddress, QueryEngine, QueryState, Rows};
use crate::aws::failure;
use crate::{Error, ErrorKind, Result};

/// One workgroup, and the database of names that are not qualified.
#[derive(Clone)]
pub struct AthenaEngine {
    client: Client,
    workgroup: String,
    database: String,
}

impl AthenaEngine {
    /// An engine that runs in `workgroup`. The workgroup decides the location of results.
    pub fn new(client: Client, workgroup: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            client,
            workgroup: workgroup.into(),
            database: database.into(),
        }
    }
}

#[async_trait]
impl QueryEngine for AthenaEngine {
    async fn start(&self, statement: &str, token: &str) -> Result<String> {
        if statement.len() > MAX_STATEMENT_BYTES {
            let detail = format!(
                "{} bytes; Athena takes {MAX_STATEMENT_BYTES}: the stream has too many shards",
                statement.len()
            );
            return Err(Error::new(
                ErrorKind::TooLarge,
                "start the query",
                token,
                detail,
            ));
        }
        let context = QueryExecutionContext::builder()
            .database(&self.database)
            .build();
        let request = self
            .client
            .start_query_execution()
            .query_string(statement)
            .client_request_token(token);
        let sent = request
            .work_group(&self.workgroup)
            .query_execution_context(context)
            .send()
            .await;
        let output = sent.map_err(|error| failure("start the query", token, error))?;
        output
            .query_execution_id()
            .map(str::to_owned)
            .ok_or_else(|| no_part("start the query", token, "query id"))
    }

    async fn state(&self, query: &str) -> Result<QueryState> {
        let sent = self
            .client
            .get_query_execution()
            .query_execution_id(query)
            .send()
            .await;
        let output = sent.map_err(|error| failure("look after the query", query, error))?;
        output
            .query_execution()
            .map(state_of)
            .ok_or_else(|| no_part("look after the query", query, "execution"))
    }

    async fn rows(&self, query: &str) -> Result<Rows> {
        let mut pages = self
            .client
            .get_query_results()
            .query_execution_id(query)
            .into_paginator()
            .send();
        let mut rows = Rows::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| failure("read the result of the query", query, error))?;
            let result = page
                .result_set()
                .ok_or_else(|| no_part("read the result of the query", query, "result set"))?;
            rows.extend(result.rows().iter().map(|row| {
                row.data()
                    .iter()
                    .map(|datum| datum.var_char_value().map(str::to_owned))
                    .collect::<Vec<_>>()
            }));
        }
        // The first row of a SELECT's result holds the column names.
        if !rows.is_empty() {
            rows.remove(0);
        }
        Ok(rows)
    }
}

fn state_of(execution: &QueryExecution) -> QueryState {
    let status = execution.status();
    match status.and_then(|status| status.state()) {
        Some(QueryExecutionState::Succeeded) => {
            let statistics = execution.statistics();
            QueryState::Succeeded {
                manifest: statistics
                    .and_then(|found| found.data_manifest_location())
                    .and_then(ObjectAddress::parse),
                scanned_bytes: statistics
                    .and_then(|found| found.data_scanned_in_bytes())
                    .map_or(0, |bytes| u64::try_from(bytes).unwrap_or(0)),
            }
        }
        Some(QueryExecutionState::Failed | QueryExecutionState::Cancelled) => QueryState::Failed {
            reason: status
                .and_then(|status| status.state_change_reason())
                .unwrap_or("no reason given")
                .to_owned(),
        },
        _ => QueryState::Running,
    }
}

fn no_part(operation: &'static str, subject: &str, part: &str) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        operation,
        subject,
        format!("Athena's answer holds no {part}"),
    )
}
