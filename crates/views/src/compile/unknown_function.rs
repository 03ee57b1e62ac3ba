//! The refused functions, and their replacements.

use sqlparser::tokenizer::Span;

use crate::diagnostic::SqlDiagnostic;

/// Names of refused functions, the reason and the help.
const REFUSED: [(&[&str], &str, &str); 10] = [
    (
        &["lower", "upper", "trim", "ltrim", "rtrim", "btrim"],
        "the engines treat characters beyond ASCII differently",
        "declare the column with `lower`, `upper` or `trim` in pipeline.yaml: the decoder then does it, once",
    ),
    (
        &["greatest", "least"],
        "a NULL among the arguments makes the result NULL in Athena, and is ignored in DataFusion",
        "use CASE",
    ),
    (
        &["round", "truncate", "trunc"],
        "the engines round halves differently",
        "round the result of an aggregate, or round in the queries that read the view; floor(x + 5E-1) rounds to a whole double",
    ),
    (
        &["sqrt"],
        "the root of a negative number is NaN in Athena and fails the statement in DataFusion",
        "take the root of an aggregate, or take it in the queries that read the view",
    ),
    (
        &[
            "now",
            "current_timestamp",
            "current_date",
            "localtimestamp",
            "random",
            "rand",
            "uuid",
        ],
        "the value depends on when a batch of events is computed",
        "use a column of the event, such as its timestamp",
    ),
    (
        &[
            "approx_distinct",
            "approx_percentile",
            "percentile_cont",
            "median",
            "mode",
        ],
        "the aggregate cannot be merged exactly",
        "group by the value, and compute the aggregate in the queries that read the view",
    ),
    (
        &[
            "array_agg",
            "string_agg",
            "listagg",
            "max_by",
            "min_by",
            "arbitrary",
            "any_value",
            "first_value",
        ],
        "the result depends on the order of events or cannot be merged",
        "use MIN or MAX, or an event-level view",
    ),
    (
        &[
            "stddev",
            "stddev_samp",
            "stddev_pop",
            "variance",
            "var_samp",
            "var_pop",
            "corr",
            "covar_pop",
        ],
        "this aggregate is not supported",
        "keep SUM(x), SUM(x * x) and COUNT(x), and compute the aggregate in the queries that read the view",
    ),
    (
        &["row_number", "rank", "dense_rank", "lag", "lead", "ntile"],
        "window functions cannot be merged",
        "use them in the queries that read the view",
    ),
    (
        &["count_if", "bool_and", "bool_or", "every"],
        "this aggregate is not supported",
        "use COUNT(*) FILTER (WHERE …), or MIN or MAX of a CASE",
    ),
];

/// The accepted functions, as a help text.
const ACCEPTED: &str = "use abs, floor, ceil, coalesce, nullif, if, concat, length, substr, date_trunc, year, \
                        month, day, hour, minute, second, EXTRACT, and the aggregates SUM, COUNT, MIN, MAX, AVG";

/// The diagnostic of a function that is not accepted. `name` is in lower case.
pub(super) fn unknown_function(name: &str, span: Span) -> SqlDiagnostic {
    let known = REFUSED
        .into_iter()
        .find(|(names, ..)| names.contains(&name));
    match known {
        Some((_, reason, help)) => SqlDiagnostic::new(span, format!("{name}: {reason}"), help),
        None => SqlDiagnostic::new(
            span,
            format!(
                "the function {name}, with these arguments, is not known to mean the same in both engines"
            ),
            ACCEPTED,
        ),
    }
}
