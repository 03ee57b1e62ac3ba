//! [`QueryEngine`] on Amazon Athena.

use async_trait::async_trait;
use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    ColumnInfo, QueryExecution, QueryExecutionContext, QueryExecutionState, ResultSet, Row,
};

use super::{
    Execution, MAX_STATEMENT_BYTES, ObjectAddress, QueryEngine, QueryState, ResultColumn,
    ResultPage, Rows,
};
use crate::aws::failure;
use crate::statements::Statement;
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

    /// Reads one page of the result of an execution that succeeded: the first without a token, each further one with the
    /// token of the page before.
    ///
    /// # Errors
    /// If Athena cannot be asked, or its answer is incomplete.
    pub async fn page(&self, query: &str, token: Option<&str>) -> Result<ResultPage> {
        let operation = "read the result of the query";
        let request = self
            .client
            .get_query_results()
            .query_execution_id(query)
            .set_next_token(token.map(str::to_owned));
        let output = request
            .send()
            .await
            .map_err(|error| failure(operation, query, error))?;
        let set = output
            .result_set()
            .ok_or_else(|| no_part(operation, query, "result set"))?;
        Ok(ResultPage {
            next: output.next_token().map(str::to_owned),
            ..page_of(set, token.is_none())
        })
    }
}

#[async_trait]
impl QueryEngine for AthenaEngine {
    async fn start(&self, statement: &Statement, token: &str) -> Result<String> {
        let statement = statement.text();
        if statement.len() > MAX_STATEMENT_BYTES {
            let detail = format!(
                "{} bytes; Athena takes {MAX_STATEMENT_BYTES}. Statements of batch grow with the number of shards",
                statement.len()
            );
            return Err(Error::new(
                ErrorKind::TooLarge,
                "start a query in the workgroup",
                &self.workgroup,
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
        let output = sent
            .map_err(|error| failure("start a query in the workgroup", &self.workgroup, error))?;
        output
            .query_execution_id()
            .map(str::to_owned)
            .ok_or_else(|| {
                no_part(
                    "start a query in the workgroup",
                    &self.workgroup,
                    "query id",
                )
            })
    }

    async fn execution(&self, query: &str) -> Result<Execution> {
        let sent = self
            .client
            .get_query_execution()
            .query_execution_id(query)
            .send()
            .await;
        let output = sent.map_err(|error| failure("read the state of the query", query, error))?;
        output
            .query_execution()
            .map(|execution| Execution {
                state: state_of(execution),
                duration_ms: duration_ms(execution),
            })
            .ok_or_else(|| no_part("read the state of the query", query, "execution"))
    }

    async fn rows(&self, query: &str) -> Result<Rows> {
        let mut rows = Rows::new();
        let mut token = None;
        loop {
            let mut page = self.page(query, token.as_deref()).await?;
            rows.append(&mut page.rows);
            token = page.next;
            if token.is_none() {
                return Ok(rows);
            }
        }
    }

    async fn stop(&self, query: &str) -> Result<()> {
        let request = self.client.stop_query_execution();
        let sent = request.query_execution_id(query).send().await;
        sent.map_err(|error| failure("cancel the query", query, error))?;
        Ok(())
    }
}

fn page_of(set: &ResultSet, is_first: bool) -> ResultPage {
    let metadata = set.result_set_metadata();
    let columns = metadata.map(|metadata| metadata.column_info());
    let column = |column: &ColumnInfo| ResultColumn {
        name: column.name().to_owned(),
        athena_type: column.r#type().to_owned(),
    };
    let row = |row: &Row| {
        let values = row.data().iter();
        values
            .map(|datum| datum.var_char_value().map(str::to_owned))
            .collect()
    };
    let mut page = ResultPage {
        columns: columns.unwrap_or_default().iter().map(column).collect(),
        rows: set.rows().iter().map(row).collect(),
        next: None,
    };
    if is_first
        && page
            .rows
            .first()
            .is_some_and(|row| is_header(row, &page.columns))
    {
        page.rows.remove(0);
    }
    page
}

/// Reports whether the first row of a result holds the names of its columns. Athena puts that row before the rows of a
/// `SELECT`, and not before those of a `SHOW`.
fn is_header(row: &[Option<String>], columns: &[ResultColumn]) -> bool {
    let names = columns.iter().map(|column| Some(column.name.as_str()));
    row.iter().map(Option::as_deref).eq(names)
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

fn duration_ms(execution: &QueryExecution) -> u64 {
    let statistics = execution.statistics();
    let duration = statistics.and_then(|found| found.engine_execution_time_in_millis());
    duration.map_or(0, |duration| u64::try_from(duration).unwrap_or(0))
}

fn no_part(operation: &'static str, subject: &str, part: &str) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        operation,
        subject,
        format!("Athena's answer holds no {part}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_row_of_the_column_names_is_a_header() {
        let column = |name: &str| ResultColumn {
            name: name.to_owned(),
            athena_type: "varchar".to_owned(),
        };
        let columns = [column("a"), column("b")];
        let row = |cells: [Option<&str>; 2]| cells.map(|cell| cell.map(str::to_owned));
        assert!(is_header(&row([Some("a"), Some("b")]), &columns));
        assert!(!is_header(&row([Some("a"), None]), &columns));
        assert!(!is_header(&[Some("a".to_owned())], &columns));
    }
}
