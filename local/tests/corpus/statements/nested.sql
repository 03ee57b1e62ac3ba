-- nested_values
SELECT id, xs, m, r, bytes FROM nested ORDER BY id;

-- array_subscripts
SELECT id, xs[1] FROM nested WHERE cardinality(xs) > 0 ORDER BY id;

-- array_subscript_beyond
SELECT xs[4] FROM nested WHERE id = 1;

-- array_subscript_zero
SELECT xs[0] FROM nested WHERE id = 1;

-- array_element_at
SELECT id, element_at(xs, 1), element_at(xs, -1), element_at(xs, 9) FROM nested ORDER BY id;

-- map_subscripts
SELECT m['a'] FROM nested WHERE id = 1;

-- map_subscript_without_key
SELECT m['z'] FROM nested WHERE id = 1;

-- map_element_at
SELECT id, element_at(m, 'a'), element_at(m, 'z') FROM nested ORDER BY id;

-- map_functions
SELECT id, cardinality(m), map_keys(m), map_values(m) FROM nested WHERE id IN (1, 2, 4) ORDER BY id;

-- row_fields
SELECT id, r.a, r.b, nested.r.b FROM nested ORDER BY id;

-- row_field_unknown
SELECT r.nosuch FROM nested;

-- row_group
SELECT r.a, count(*) FROM nested GROUP BY r.a ORDER BY 1;

-- array_functions
SELECT id, cardinality(xs), contains(xs, 3), array_max(xs), array_min(xs), array_sort(xs), array_distinct(xs) FROM nested ORDER BY id;

-- array_joins
SELECT id, array_join(xs, ','), array_join(xs, ',', '-') FROM nested ORDER BY id;

-- array_concatenation
SELECT ARRAY[1] || ARRAY[2, 3], ARRAY[1] || 2, concat(ARRAY['a'], ARRAY['b']);

-- array_slices
SELECT slice(ARRAY[1, 2, 3, 4], 2, 2), slice(ARRAY[1, 2, 3], -2, 2), reverse(ARRAY[1, 2]), array_position(ARRAY[5, 6], 6);

-- array_sets
SELECT array_intersect(ARRAY[1, 2, 2], ARRAY[2, 3]), array_union(ARRAY[1], ARRAY[2]), array_except(ARRAY[1, 2], ARRAY[2]), arrays_overlap(ARRAY[1], ARRAY[1, 2]);

-- array_lambdas
SELECT transform(xs, x -> x * 2), filter(xs, x -> x > 1), any_match(xs, x -> x > 1) FROM nested WHERE id = 1;

-- array_comparison
SELECT ARRAY[1, 2] = ARRAY[1, 2], ARRAY[1, 2] < ARRAY[1, 3], ARRAY[1] = ARRAY[1, 2];

-- array_comparison_with_null
SELECT ARRAY[1] = ARRAY[NULL], xs = ARRAY[NULL, 3, 3] FROM nested WHERE id = 4;

-- array_literals
SELECT ARRAY[], ARRAY[1, 2.5], ARRAY['a', 'bcd'], ARRAY[ARRAY[1], ARRAY[]], ARRAY[true, NULL];

-- map_literals
SELECT MAP(ARRAY['a', 'b'], ARRAY[1, 2]), cardinality(MAP(ARRAY['a'], ARRAY[1]));

-- map_with_key_twice
SELECT MAP(ARRAY['a', 'a'], ARRAY[1, 2]);

-- row_literals
SELECT ROW(1, 'a', NULL), (1, 'b');

-- row_literals_with_names
SELECT CAST(ROW(1, 'x') AS row(n integer, s varchar)).s, CAST(ROW(1, NULL) AS row(n bigint, s varchar));

-- sequences
SELECT sequence(1, 3), sequence(3, 1), sequence(0, 10, 5), sequence(3, 1, -1);

-- sequence_of_days
SELECT sequence(DATE '2026-11-20', DATE '2026-11-22'), sequence(TIMESTAMP '2026-11-21 00:00:00', TIMESTAMP '2026-11-21 02:00:00', INTERVAL '1' HOUR);

-- sequence_away_from_its_end
SELECT sequence(1, 3, -1);

-- json_scalars
SELECT json_extract_scalar('{"a": {"b": 1}}', '$.a.b'), json_extract_scalar('{"a": "x"}', '$.a'), json_extract_scalar('{"a": [1, 2]}', '$.a[1]'), json_extract_scalar('{"a": null}', '$.a'), json_extract_scalar('{"a": {}}', '$.a'), json_extract_scalar('no json', '$.a'), json_extract_scalar('{"a": true}', '$.a');

-- json_extracts
SELECT json_extract('{"a": {"b": 1}}', '$.a'), json_format(json_extract('{"a": [1, "x"]}', '$.a')), json_array_length('[1, 2]');

-- json_of_no_json
SELECT json_parse('no json');

-- json_casts
SELECT CAST(json_parse('[1, 2]') AS array(integer)), CAST(json_parse('{"a": 1}') AS map(varchar, integer)), CAST(json_extract('{"a": 5}', '$.a') AS integer);

-- json_path_functions
SELECT json_value('{"a": 1}', 'lax $.a'), json_exists('{"a": 1}', 'lax $.b'), json_query('{"a": [1]}', 'lax $.a');

-- bytes
SELECT id, bytes, length(bytes), to_hex(bytes), to_base64(bytes) FROM nested ORDER BY id;

-- bytes_literals
SELECT X'0aFF', X'' = to_utf8(''), X'61' < X'62', from_base64('YWI=');

-- bytes_that_are_no_text
SELECT from_utf8(bytes) FROM nested WHERE id = 5;

-- nested_group
SELECT xs, count(*) FROM nested GROUP BY xs;

-- nested_equality
SELECT a.id, b.id FROM nested a JOIN nested b ON a.r = b.r ORDER BY 1, 2;
