//! Functions that are refused, and what to use instead of them.

use sqlparser::tokenizer::Span;

use crate::error::Refusal;

/// What to use instead of a function that is refused, where there is something.
const REMEDIES: [(&[&str], &str, &str); 10] = [
    (
        &["lower", "upper", "trim", "ltrim", "rtrim", "btrim"],
        "it treats characters beyond ASCII differently in the two engines",
        "declare the column with `lower`, `upper` or `trim` in pipeline.yaml: it is then done once, when decoding",
    ),
    (
        &["greatest", "least"],
        "with a NULL among its arguments it gives NULL in Athena and the rest's in DataFusion",
        "use CASE",
    ),
    (
        &["round", "truncate", "trunc"],
        "it rounds halves differently in the two engines",
        "round the result of an aggregate, or in the queries that read the view; floor(x + 5E-1) rounds whole doubles",
    ),
    (
        &["sqrt"],
        "of a negative number it is NaN in Athena and fails the statement in DataFusion",
        "take the root of an aggregate, or in the queries that read the view",
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
        "its value depends on when a batch of events is computed",
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
        "it cannot be merged exactly",
        "group by the value, and compute it in the queries that read the view",
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
        "its result depends on the order of events or cannot be merged",
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
        "keep SUM(x), SUM(x * x) and COUNT(x), and compute it in the queries that read the view",
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

/// The functions that are accepted, for messages.
const ACCEPTED: &str = "use abs, floor, ceil, coalesce, nullif, if, concat, length, substr, date_trunc, year, \
                        month, day, hour, minute, second, EXTRACT, and the aggregates SUM, COUNT, MIN, MAX, AVG";

/// Why a function is refused.
pub(super) fn unknown_function(name: &str, span: Span) -> Refusal {
    let known = REMEDIES
        .into_iter()
        .find(|(names, ..)| names.contains(&name));
    match known {
        Some((_, reason, remedy)) => Refusal::new(span, format!("{name}: {reason}"), remedy),
        None => Refusal::new(
            span,
            format!(
                "the function {name}, with these arguments, is not known to mean the same in both engines"
            ),
            ACCEPTED,
        ),
    }
}
