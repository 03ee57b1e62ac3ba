//! The columns whose fields a replay reads.

use twinlake_pipeline::{Column, ColumnType, Definition, Rules, TimeFormat};

use crate::arguments::{EventTimes, ReplayArguments};
use crate::replay::csv_file::CsvFile;
use crate::replay::rewriting::TimeField;
use crate::{Error, Result};

/// The columns whose fields a replay reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns<'a> {
    /// The column of the partition key.
    pub partition_key: Option<&'a Column>,
    /// The columns whose times are moved to now. The first one decides on the span.
    pub times: Vec<&'a Column>,
}

impl<'a> Columns<'a> {
    /// The columns that the arguments name, or else that the pipeline suggests.
    ///
    /// # Errors
    /// If the pipeline has no such column, or a column whose times are to be moved holds none.
    pub fn choose(arguments: &ReplayArguments, definition: &'a Definition) -> Result<Self> {
        let simulated = definition
            .simulation
            .as_ref()
            .map(|simulation| &simulation.partition_key);
        let key = arguments.partition_key.as_ref().or(simulated);
        let partition_key = key.map(|name| column(definition, name)).transpose()?;
        let named = || {
            arguments
                .time_column
                .iter()
                .map(|name| column(definition, name))
        };
        let times = match arguments.times {
            EventTimes::Own if arguments.time_column.is_empty() => Vec::new(),
            EventTimes::Own => {
                return Err(Error::refused_with(
                    "--time-column needs --times now",
                    "without it, events keep their own times",
                ));
            }
            EventTimes::Now if arguments.time_column.is_empty() => vec![first_time(definition)?],
            EventTimes::Now => named().collect::<Result<_>>()?,
        };
        if let Some(column) = times.iter().find(|column| time_format(column).is_none()) {
            return Err(Error::refused(format!(
                "--time-column {}: the column's type is {} and not timestamp",
                column.name,
                column.column_type.name()
            )));
        }
        Ok(Self {
            partition_key,
            times,
        })
    }

    /// The fields of the time columns in the file.
    ///
    /// # Errors
    /// If the file lacks one of them.
    pub fn time_fields(&self, file: &CsvFile) -> Result<Vec<TimeField>> {
        let field = |column: &&Column| {
            let index = file.field_index(column)?;
            Ok(time_format(column).map(|format| TimeField {
                index,
                format: format.clone(),
            }))
        };
        self.times
            .iter()
            .filter_map(|column| field(column).transpose())
            .collect()
    }
}

fn column<'a>(definition: &'a Definition, name: &str) -> Result<&'a Column> {
    let found = definition.columns.iter().find(|column| column.name == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = definition
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        Error::refused_with(
            format!("the pipeline {} has no column `{name}`", definition.name),
            format!("the columns are {}", names.join(", ")),
        )
    })
}

fn first_time(definition: &Definition) -> Result<&Column> {
    let found = definition
        .columns
        .iter()
        .find(|column| time_format(column).is_some());
    found.ok_or_else(|| {
        Error::refused(format!(
            "--times now: the pipeline {} has no column of type timestamp",
            definition.name
        ))
    })
}

fn time_format(column: &Column) -> Option<&TimeFormat> {
    match (column.column_type, &column.rules) {
        (ColumnType::Timestamp, Rules::Time(format)) => Some(format),
        _ => None,
    }
}
