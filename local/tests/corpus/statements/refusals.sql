-- unknown_column
SELECT nosuch FROM numbers;

-- unknown_column_in_where
SELECT id FROM numbers WHERE nosuch > 1;

-- unknown_column_in_group
SELECT count(*) FROM numbers GROUP BY nosuch;

-- unknown_column_in_order
SELECT id FROM numbers ORDER BY nosuch;

-- unknown_column_of_a_table
SELECT n.nosuch FROM numbers n;

-- unknown_table_of_a_column
SELECT m.id FROM numbers n;

-- table_name_behind_an_alias
SELECT numbers.id FROM numbers n;

-- unknown_column_on_line_three
SELECT
    id,
    nosuch
FROM numbers;

-- unknown_column_in_join
SELECT x.id FROM numbers x JOIN texts y ON x.id = y.nosuch;

-- unknown_column_in_subquery
SELECT id FROM (SELECT id FROM numbers) WHERE i = 1;

-- alias_in_where
SELECT id AS n FROM numbers WHERE n > 1;

-- alias_in_group
SELECT id AS n, count(*) FROM numbers GROUP BY n;

-- alias_in_having
SELECT f, count(*) AS n FROM numbers GROUP BY f HAVING n > 1;

-- alias_in_select
SELECT id AS n, n + 1 FROM numbers;

-- text_in_double_quotes: they enclose names
SELECT id FROM texts WHERE s = "abc";

-- unknown_table
SELECT * FROM nosuch;

-- unknown_database
SELECT * FROM nosuch.numbers;

-- unknown_catalog
SELECT * FROM nosuch.corpus.numbers;

-- unknown_table_in_join
SELECT 1 FROM numbers n JOIN nosuch x ON n.id = x.id;

-- unknown_function
SELECT nosuch(1);

-- unknown_function_of_duckdb
SELECT list_value(1);

-- unknown_function_with_wrong_column
SELECT nosuch(id) FROM numbers;

-- ifnull_is_unknown
SELECT ifnull(1, 2);

-- nvl_is_unknown
SELECT nvl(1, 2);

-- isnull_is_unknown
SELECT isnull(1);

-- len_is_unknown
SELECT len('abc');

-- getdate_is_unknown
SELECT getdate();

-- to_date_of_one
SELECT to_date('2026-11-21');

-- too_few_arguments
SELECT date_trunc('day');

-- too_many_arguments
SELECT lower('a', 'b');

-- no_arguments
SELECT sum() FROM numbers;

-- wrong_argument_types
SELECT date_trunc(1, DATE '2026-11-21');

-- sum_of_text
SELECT sum(s) FROM texts;

-- avg_of_text
SELECT avg(s) FROM texts;

-- avg_of_dates
SELECT avg(d) FROM times;

-- sum_of_booleans
SELECT sum(f) FROM numbers;

-- abs_of_text
SELECT abs('x');

-- year_of_text
SELECT year('2026-11-21');

-- ambiguous_column
SELECT id FROM numbers, texts;

-- ambiguous_column_in_join
SELECT id FROM numbers a JOIN texts b ON a.id = b.id;

-- ambiguous_column_in_where
SELECT a.id FROM numbers a JOIN texts b ON a.id = b.id WHERE id = 1;

-- ambiguous_output_in_subquery
SELECT x FROM (SELECT 1 AS x, 2 AS x);

-- ambiguous_output_in_order
SELECT i AS x, b AS x FROM numbers ORDER BY x;

-- table_named_twice
SELECT 1 FROM numbers, numbers;

-- text_compared_with_number
SELECT id FROM texts WHERE s = 1;

-- number_compared_with_text
SELECT id FROM numbers WHERE i < '10';

-- date_compared_with_text
SELECT id FROM times WHERE d = '2026-11-21';

-- timestamp_compared_with_text
SELECT id FROM times WHERE t >= '2026-11-21 00:00:00';

-- boolean_compared_with_number
SELECT id FROM numbers WHERE f = 1;

-- boolean_compared_with_text
SELECT id FROM numbers WHERE f = 'true';

-- date_compared_with_number
SELECT id FROM times WHERE d > 0;

-- in_of_other_types
SELECT id FROM numbers WHERE i IN (1, 'a');

-- in_subquery_of_other_type
SELECT id FROM numbers WHERE i IN (SELECT s FROM texts);

-- between_of_other_types
SELECT id FROM times WHERE d BETWEEN '2026-01-01' AND '2026-12-31';

-- like_of_a_date
SELECT id FROM times WHERE d LIKE '2026%';

-- text_plus_number
SELECT s + 1 FROM texts;

-- text_plus_text
SELECT 'a' + 'b';

-- date_plus_number
SELECT d + 1 FROM times;

-- date_minus_date
SELECT d - DATE '2026-01-01' FROM times WHERE id = 1;

-- timestamp_plus_timestamp
SELECT t + t FROM times;

-- boolean_plus_boolean
SELECT true + true;

-- minus_text
SELECT -s FROM texts;

-- not_of_a_number
SELECT NOT i FROM numbers;

-- and_of_numbers
SELECT 1 AND 0;

-- where_of_a_number
SELECT id FROM numbers WHERE i;

-- where_of_text
SELECT id FROM texts WHERE s;

-- having_of_a_number
SELECT f FROM numbers GROUP BY f HAVING count(*);

-- case_of_other_types
SELECT CASE WHEN f THEN 1 ELSE 'a' END FROM numbers;

-- case_condition_of_a_number
SELECT CASE WHEN i THEN 1 END FROM numbers;

-- case_operand_of_another_type
SELECT CASE i WHEN 'a' THEN 1 END FROM numbers;

-- if_condition_of_a_number
SELECT if(1, 2, 3);

-- if_of_other_types
SELECT if(true, 1, 'a');

-- coalesce_of_other_types
SELECT coalesce(i, k) FROM numbers, texts;

-- union_of_other_types
SELECT i FROM numbers UNION ALL SELECT s FROM texts;

-- union_of_other_widths
SELECT i FROM numbers UNION SELECT i, b FROM numbers;

-- values_of_other_types
VALUES (1), ('a');

-- values_of_other_widths
VALUES (1, 2), (3);

-- join_of_other_types
SELECT 1 FROM numbers a JOIN texts b ON a.id = b.s;

-- using_of_other_types
SELECT 1 FROM (VALUES 1) a (x) JOIN (VALUES 'a') b (x) USING (x);

-- not_grouped
SELECT f, i FROM numbers GROUP BY f;

-- not_grouped_without_group
SELECT i, count(*) FROM numbers;

-- not_grouped_in_expression
SELECT f, i + 1 FROM numbers GROUP BY f;

-- not_grouped_in_order
SELECT f FROM numbers GROUP BY f ORDER BY i;

-- not_grouped_in_having
SELECT f FROM numbers GROUP BY f HAVING i > 1;

-- star_with_group
SELECT * FROM numbers GROUP BY f;

-- aggregate_in_where
SELECT id FROM numbers WHERE count(*) > 1;

-- aggregate_in_group
SELECT count(*) FROM numbers GROUP BY count(*);

-- nested_aggregates
SELECT sum(count(*)) FROM numbers;

-- window_in_where
SELECT id FROM numbers WHERE row_number() OVER () = 1;

-- window_in_having
SELECT f FROM numbers GROUP BY f HAVING rank() OVER (ORDER BY f) = 1;

-- nested_windows
SELECT sum(row_number() OVER ()) OVER () FROM numbers;

-- rank_without_window
SELECT rank() FROM numbers;

-- rank_without_order
SELECT id, rank() OVER () FROM numbers WHERE id < 3;

-- over_of_a_function
SELECT lower(s) OVER () FROM texts;

-- group_ordinal_beyond
SELECT f FROM numbers GROUP BY 2;

-- group_ordinal_zero
SELECT f FROM numbers GROUP BY 0;

-- order_ordinal_beyond
SELECT f FROM numbers ORDER BY 2;

-- group_ordinal_of_an_aggregate
SELECT count(*) FROM numbers GROUP BY 1;

-- scalar_subquery_of_two_rows
SELECT (SELECT id FROM numbers WHERE id < 3);

-- scalar_subquery_of_two_columns
SELECT (SELECT id, i FROM numbers WHERE id = 1);

-- in_subquery_of_two_columns
SELECT id FROM numbers WHERE id IN (SELECT id, i FROM numbers);

-- having_without_group
SELECT i FROM numbers HAVING i > 1;

-- distinct_with_other_order
SELECT DISTINCT f FROM numbers ORDER BY i;

-- limit_negative
SELECT id FROM numbers LIMIT -1;

-- limit_of_text
SELECT id FROM numbers LIMIT 'a';

-- date_literal_that_is_none
SELECT DATE '2026-02-30';

-- timestamp_literal_that_is_none
SELECT TIMESTAMP '2026-11-21 25:00:00';

-- interval_that_is_none
SELECT INTERVAL 'x' DAY;

-- double_quoted_alias_missing
SELECT id FROM numbers WHERE ID = 1 AND "nosuch" = 1;

-- array_of_other_types
SELECT ARRAY[1, 'a'];

-- subscript_of_a_number
SELECT i[1] FROM numbers;

-- field_of_a_number
SELECT i.a FROM numbers;

-- duplicate_with_name
WITH a AS (SELECT 1), a AS (SELECT 2) SELECT * FROM a;

-- duplicate_columns_of_a_table
SELECT x FROM (VALUES (1, 2)) v (x, x);

-- wrong_number_of_column_aliases
SELECT * FROM (VALUES (1, 2)) v (x);

-- filter_on_no_aggregate
SELECT lower(s) FILTER (WHERE true) FROM texts;

-- distinct_on_no_aggregate
SELECT lower(DISTINCT s) FROM texts;
