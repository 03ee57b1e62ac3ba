-- null_in_comparisons
SELECT NULL = NULL, NULL <> 1, NULL IS NULL, 1 IS NOT NULL, NULL IS DISTINCT FROM NULL, 1 IS DISTINCT FROM NULL;

-- null_in_arithmetic
SELECT NULL + 1, 1 - NULL, NULL * 1.5, -CAST(NULL AS integer), NULL / 0;

-- null_in_logic
SELECT NULL AND false, NULL AND true, NULL OR true, NULL OR false, NOT CAST(NULL AS boolean);

-- three_valued_columns
SELECT id, f AND i > 0, f OR i > 0, NOT f FROM numbers ORDER BY id;

-- null_in_in
SELECT 1 IN (1, NULL), 2 IN (1, NULL), NULL IN (1, 2), 2 NOT IN (1, NULL), 1 NOT IN (2, 3);

-- null_in_not_in_subquery
SELECT id FROM numbers WHERE id NOT IN (SELECT i FROM numbers) ORDER BY id;

-- null_in_in_subquery
SELECT id, i IN (SELECT i FROM numbers WHERE id > 5), i IN (SELECT id FROM none) FROM numbers ORDER BY id;

-- null_in_between
SELECT NULL BETWEEN 1 AND 2, 1 BETWEEN NULL AND 2, 3 BETWEEN NULL AND 2, 1 BETWEEN 2 AND 1;

-- null_in_case
SELECT CASE NULL WHEN NULL THEN 1 ELSE 2 END, CASE WHEN NULL THEN 1 END, CASE WHEN f THEN 'yes' WHEN NOT f THEN 'no' END FROM numbers WHERE id = 6;

-- null_in_coalesce
SELECT coalesce(NULL, 1), coalesce(NULL, NULL, 2.5), coalesce(i, b, 0) FROM numbers WHERE id = 6;

-- coalesce_of_nulls
SELECT coalesce(NULL, NULL);

-- coalesce_of_one
SELECT coalesce(1);

-- nullif_types
SELECT nullif(1, 1), nullif(1, 2), nullif(1, 1.0), nullif('a', 'b'), nullif(NULL, 1), nullif(1, NULL);

-- nullif_of_other_types
SELECT nullif(1, 'a');

-- null_in_greatest
SELECT greatest(1, NULL), least(NULL, 'a'), greatest(1, 2.5), least('b', 'a', 'c'), greatest(DATE '2026-01-01', DATE '2025-01-01');

-- greatest_of_other_types
SELECT greatest(1, 'a');

-- greatest_of_one
SELECT greatest(1);

-- null_in_if
SELECT if(NULL, 1, 2), if(true, NULL, 1), if(false, 1), if(i > 0, 'more') FROM numbers WHERE id = 6;

-- null_in_aggregates
SELECT count(*), count(i), sum(i), min(i), max(i), avg(i), count(DISTINCT i) FROM numbers WHERE id = 6;

-- null_in_group
SELECT f, count(*), count(f) FROM numbers GROUP BY f;

-- null_in_distinct
SELECT DISTINCT f FROM numbers;

-- null_in_count_distinct
SELECT count(DISTINCT f), count(f), count(*) FROM numbers;

-- null_in_join
SELECT a.id, b.id FROM numbers a JOIN numbers b ON a.f = b.f WHERE a.id IN (6, 1) AND b.id IN (1, 6) ORDER BY 1, 2;

-- null_in_order
SELECT id, i FROM numbers ORDER BY i, id;

-- null_in_descending_order: NULL is last in either order
SELECT id, i FROM numbers ORDER BY i DESC, id;

-- nulls_first
SELECT id, i FROM numbers ORDER BY i NULLS FIRST, id;

-- nulls_first_descending
SELECT id, i FROM numbers ORDER BY i DESC NULLS FIRST, id;

-- null_literal_type
SELECT NULL, typeof(NULL), typeof(coalesce(NULL, 1));

-- null_concatenated
SELECT NULL || 'a', length(NULL), CAST(NULL AS varchar) || 'a';

-- is_true
SELECT id FROM numbers WHERE f IS TRUE;

-- null_in_values
SELECT x, typeof(x) FROM (VALUES (NULL), (1)) v (x) ORDER BY x;

-- null_in_array
SELECT ARRAY[1, NULL], contains(ARRAY[1, NULL], 1), contains(ARRAY[1, NULL], 2), cardinality(ARRAY[NULL]), array_max(ARRAY[1, NULL]);

-- null_boolean_condition
SELECT id FROM numbers WHERE f ORDER BY id;

-- null_in_limit
SELECT id FROM numbers ORDER BY id LIMIT NULL;
