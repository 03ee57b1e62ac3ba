-- empty_select
SELECT FROM numbers;

-- missing_from
SELECT id numbers WHERE id = 1;

-- unclosed_parenthesis
SELECT (1;

-- unclosed_text
SELECT 'abc;

-- misspelt_select
SELEC 1;

-- misspelt_from
SELECT id FORM numbers;

-- trailing_comma
SELECT id, FROM numbers;

-- two_statements
SELECT 1; SELECT 2;

-- where_after_group
SELECT f FROM numbers GROUP BY f WHERE f;

-- limit_before_order
SELECT id FROM numbers LIMIT 1 ORDER BY id;

-- offset_before_limit
SELECT id FROM numbers ORDER BY id OFFSET 2 LIMIT 2;

-- limit_before_offset: Athena wants OFFSET first
SELECT id FROM numbers ORDER BY id LIMIT 2 OFFSET 2;

-- mysql_limit
SELECT id FROM numbers ORDER BY id LIMIT 2, 2;

-- top
SELECT TOP 2 id FROM numbers;

-- backquotes
SELECT `id` FROM numbers;

-- double_equals
SELECT id FROM numbers WHERE id == 1;

-- not_equal_with_exclamation
SELECT id FROM numbers WHERE id != 1 AND id < 4 ORDER BY id;

-- double_colon_cast
SELECT '1'::integer;

-- modulo_word
SELECT 7 MOD 2;

-- integer_division_word
SELECT 7 DIV 2;

-- qualify
SELECT id FROM numbers QUALIFY row_number() OVER (ORDER BY id) = 1;

-- select_star_except
SELECT * EXCEPT (id) FROM numbers;

-- group_by_all
SELECT f, count(*) FROM numbers GROUP BY ALL;

-- distinct_on
SELECT DISTINCT ON (f) f, id FROM numbers;

-- interval_without_quotes
SELECT DATE '2026-11-21' + INTERVAL 1 DAY;

-- interval_with_unit_inside
SELECT DATE '2026-11-21' + INTERVAL '1 day';

-- reserved_word_as_column
SELECT order FROM words;

-- reserved_word_as_alias
SELECT id AS select FROM words;

-- reserved_words_in_quotes
SELECT "order", "group", "select" FROM words ORDER BY "order";

-- name_that_begins_with_a_digit
SELECT "1st" FROM words ORDER BY 1;

-- name_that_begins_with_a_digit_without_quotes
SELECT 1st FROM words;

-- names_have_no_case
SELECT ID, Mixed_Case, "MIXED_CASE" FROM Words w WHERE W.Id = 1;

-- alias_keeps_its_case
SELECT id AS "My Id", id AS MyId, id "x y" FROM words WHERE id = 1;

-- alias_without_as
SELECT id one, i two FROM numbers WHERE id = 1;

-- quoted_names_have_no_case_either
SELECT x."myid" FROM (SELECT id AS "MyId" FROM words) x ORDER BY 1;

-- qualified_names
SELECT corpus.numbers.id, numbers.i FROM corpus.numbers WHERE id = 1;

-- fully_qualified_names
SELECT awsdatacatalog.corpus.numbers.id FROM awsdatacatalog.corpus.numbers WHERE id = 1;

-- comments
SELECT /* a comment */ id -- another
FROM numbers WHERE id = 1;

-- semicolon_at_the_end
SELECT 1;

-- unicode_names
SELECT id AS "größe", id AS größe2 FROM words WHERE id = 1;

-- star
SELECT * FROM device_settings ORDER BY deviceid;

-- star_of_a_table
SELECT e.*, s.room FROM events e JOIN device_settings s ON e.deviceid = s.deviceid WHERE e.uuid = 'uuid-1';

-- unnamed_columns
SELECT 1, id, i + 1, count(*) OVER () FROM numbers WHERE id = 1;

-- names_named_twice
SELECT id, id, i AS id FROM numbers WHERE id = 1;

-- boolean_literals
SELECT true, FALSE, True = false;

-- parenthesised_query
(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1;

-- table_statement
TABLE words;

-- values_statement
VALUES (1, 'a'), (2, NULL), (3, 'c');

-- nested_with
WITH a AS (SELECT id FROM numbers WHERE id < 4), b AS (SELECT id + 1 AS n FROM a) SELECT a.id, b.n FROM a JOIN b ON a.id = b.n ORDER BY 1;

-- with_column_names
WITH a (x, y) AS (SELECT id, i FROM numbers WHERE id = 1) SELECT x + y AS z FROM a;

-- with_hides_a_table
WITH numbers AS (SELECT 1 AS only) SELECT * FROM numbers;

-- insert
INSERT INTO words VALUES (3, 1, 'x', true, 1, 1);

-- delete
DELETE FROM words;

-- explain
EXPLAIN SELECT 1;

-- set_session
SET SESSION query_max_run_time = '1s';

-- use_a_database
USE corpus;

-- numbers_with_underscores
SELECT 1_000, 0x1F, 0b101, 0o17;
