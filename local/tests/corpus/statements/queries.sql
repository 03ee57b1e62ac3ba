-- group_by_column
SELECT deviceid, count(*), min(temp), max(temp) FROM events GROUP BY deviceid ORDER BY deviceid;

-- group_by_ordinal
SELECT CAST(devicets AS date), deviceid, count(*) FROM events GROUP BY 1, 2 ORDER BY 1, 2;

-- group_by_expression
SELECT upper(deviceid) AS device, count(*) FROM events GROUP BY upper(deviceid) ORDER BY 1;

-- group_by_expression_within_another
SELECT id % 2 + 10, count(*) FROM numbers GROUP BY id % 2 ORDER BY 1;

-- group_by_constant
SELECT count(*) FROM numbers GROUP BY 'a';

-- group_by_column_hidden_by_alias: the column counts, not the output's name
SELECT abs(i) AS i, count(*) FROM numbers WHERE id IN (1, 2) GROUP BY i;

-- grouping_sets
SELECT deviceid, hot, count(*), grouping(deviceid), grouping(deviceid, hot) FROM (SELECT deviceid, temp > 20 AS hot FROM events) GROUP BY GROUPING SETS ((deviceid), (hot), ());

-- rollup
SELECT room, deviceid, count(*) FROM device_settings GROUP BY ROLLUP (room, deviceid);

-- cube
SELECT room, deviceid IS NULL, count(*) FROM device_settings GROUP BY CUBE (room, deviceid);

-- group_over_no_rows
SELECT s, count(*) FROM none GROUP BY s;

-- aggregates_over_no_rows
SELECT count(*), count(id), sum(id), sum(d), sum(c), avg(d), min(s), max(t), bool_or(id > 1), array_agg(id), count_if(d > 1), approx_distinct(s) FROM none;

-- aggregates_over_no_rows_with_empty_group
SELECT count(*) FROM none GROUP BY ();

-- having
SELECT deviceid, count(*) AS n FROM events GROUP BY deviceid HAVING count(*) > 1 AND max(temp) > 1 ORDER BY n DESC, deviceid;

-- having_without_group_over_no_rows
SELECT count(*) FROM none HAVING count(*) = 0;

-- having_column_of_group
SELECT deviceid FROM events GROUP BY deviceid HAVING deviceid LIKE '%1' OR sum(temp) > 30 ORDER BY 1;

-- filter_clause
SELECT count(*) FILTER (WHERE arrest), count(*) FILTER (WHERE NOT arrest), sum(id) FILTER (WHERE ward = 2), max(id) FILTER (WHERE false) FROM incidents;

-- count_if
SELECT primary_type, count_if(arrest), count_if(ward > 1) FROM incidents GROUP BY primary_type ORDER BY 1;

-- bool_aggregates
SELECT bool_and(arrest), bool_or(arrest), every(id > 0) FROM incidents;

-- distinct_aggregates
SELECT count(DISTINCT primary_type), sum(DISTINCT ward), count(DISTINCT ward + 1), avg(DISTINCT ward) FROM incidents;

-- count_distinct_of_two
SELECT count(DISTINCT (primary_type, ward)) FROM incidents;

-- min_by_and_max_by
SELECT min_by(uuid, temp), max_by(uuid, temp), max_by(deviceid, devicets) FILTER (WHERE temp < 10) FROM events WHERE uuid <> 'uuid-8';

-- min_by_of_null
SELECT min_by(x, y), max_by(x, y) FROM (VALUES (NULL, 1), ('a', NULL), ('b', 2)) v (x, y);

-- min_by_of_several
SELECT max_by(id, i, 2), max(i, 2), min(i, 2) FROM numbers;

-- arbitrary
SELECT arbitrary(x), any_value(x) FROM (VALUES NULL, 7, NULL) v (x);

-- array_agg
SELECT deviceid, array_agg(temp ORDER BY uuid), array_agg(DISTINCT deviceid) FROM events GROUP BY deviceid ORDER BY 1;

-- array_agg_with_filter
SELECT array_agg(temp ORDER BY temp DESC) FILTER (WHERE temp IS NOT NULL) FROM events;

-- listagg
SELECT listagg(deviceid, ',') WITHIN GROUP (ORDER BY deviceid) FROM device_settings;

-- approx_percentile
SELECT approx_percentile(id, 0.5), approx_percentile(id, 0.0), approx_percentile(id, 1.0) FROM numbers;

-- map_agg
SELECT map_agg(deviceid, settemp), histogram(room), cardinality(map_agg(room, 1)) FROM device_settings WHERE room = 'hall';

-- sum_types
SELECT sum(i), sum(r), sum(d), sum(c), avg(i), avg(r), avg(c), count(*) FROM numbers WHERE id IN (1, 3);

-- regression (approximate)
SELECT corr(x, y), covar_samp(x, y), covar_pop(x, y), regr_slope(y, x), regr_intercept(y, x) FROM (VALUES (1E0, 2E0), (2, 4), (3, 7)) v (x, y);

-- checksum_of_nothing
SELECT max(ward) - min(ward), count(*) * 100.0 / 3, sum(ward) / count(ward) FROM incidents;

-- order_by_several
SELECT ward, id FROM incidents ORDER BY ward DESC NULLS LAST, id;

-- order_by_ordinal
SELECT id, primary_type FROM incidents ORDER BY 2 DESC, 1;

-- order_by_alias
SELECT id, -id AS n FROM incidents ORDER BY n;

-- order_by_alias_that_hides_a_column
SELECT -id AS id FROM incidents ORDER BY id;

-- order_by_expression_of_alias
SELECT id AS n FROM incidents ORDER BY n * -1;

-- order_by_column_not_selected
SELECT primary_type FROM incidents ORDER BY id DESC;

-- order_by_aggregate
SELECT ward FROM incidents GROUP BY ward ORDER BY count(*) DESC, ward;

-- order_of_booleans
SELECT id, arrest FROM incidents ORDER BY arrest, id;

-- limit
SELECT id FROM incidents ORDER BY id LIMIT 2;

-- limit_zero
SELECT id, primary_type FROM incidents LIMIT 0;

-- limit_all
SELECT id FROM incidents ORDER BY id LIMIT ALL;

-- offset
SELECT id FROM incidents ORDER BY id OFFSET 4;

-- offset_rows_fetch
SELECT id FROM incidents ORDER BY id OFFSET 1 ROWS FETCH FIRST 2 ROWS ONLY;

-- fetch_with_ties
SELECT occurred_local FROM incidents ORDER BY occurred_local DESC FETCH FIRST 1 ROW WITH TIES;

-- distinct_rows
SELECT DISTINCT primary_type, ward FROM incidents;

-- union
SELECT ward FROM incidents UNION SELECT id FROM incidents WHERE id < 3;

-- union_all
SELECT deviceid, temp FROM events WHERE temp > 20 UNION ALL SELECT deviceid, settemp FROM device_settings WHERE settemp > 5;

-- union_types: the common type of its branches
SELECT i AS x FROM numbers WHERE id = 1 UNION ALL SELECT c FROM numbers WHERE id = 1 UNION ALL SELECT 0.125;

-- union_of_integer_and_double
SELECT 1 UNION ALL SELECT 1E0;

-- union_merges_equal_numbers
SELECT 1 UNION SELECT 1.0 UNION SELECT 1E0;

-- union_of_null
SELECT NULL UNION ALL SELECT 'a' UNION ALL SELECT s FROM texts WHERE id = 1;

-- union_of_times
SELECT d FROM times WHERE id = 1 UNION ALL SELECT t FROM times WHERE id = 1;

-- union_names: the first branch's
SELECT 1 AS a, 2 AS b UNION ALL SELECT 3 AS b, 4 AS a;

-- intersect
SELECT deviceid FROM events INTERSECT SELECT deviceid FROM device_settings;

-- except
SELECT deviceid FROM events EXCEPT SELECT deviceid FROM device_settings;

-- intersect_binds_tighter
SELECT 1 UNION SELECT 2 INTERSECT SELECT 2;

-- inner_join
SELECT e.uuid, s.settemp FROM events e JOIN device_settings s ON e.deviceid = s.deviceid ORDER BY 1;

-- left_join
SELECT e.uuid, s.room FROM events e LEFT JOIN device_settings s ON e.deviceid = s.deviceid AND s.settemp > 5 ORDER BY 1;

-- right_join
SELECT e.uuid, s.deviceid FROM events e RIGHT JOIN device_settings s ON e.deviceid = s.deviceid ORDER BY 1, 2;

-- full_join
SELECT e.deviceid, s.deviceid FROM events e FULL JOIN device_settings s ON e.deviceid = s.deviceid GROUP BY 1, 2;

-- cross_join
SELECT a.x, b.y FROM (VALUES 1, 2) a (x) CROSS JOIN (VALUES 'u', 'v') b (y) ORDER BY 1, 2;

-- join_on_inequality
SELECT a.id, b.id FROM incidents a JOIN incidents b ON a.id < b.id AND a.ward = b.ward ORDER BY 1, 2;

-- left_join_with_where
SELECT s.deviceid FROM device_settings s LEFT JOIN events e ON s.deviceid = e.deviceid WHERE e.uuid IS NULL;

-- join_using
SELECT deviceid, temp, settemp FROM events JOIN device_settings USING (deviceid) WHERE uuid < 'uuid-3' ORDER BY uuid;

-- join_using_star: the common column comes once and first
SELECT * FROM device_settings a JOIN (VALUES ('device-1', 5)) b (deviceid, n) USING (deviceid);

-- join_using_qualified_column
SELECT a.deviceid FROM events a JOIN device_settings b USING (deviceid);

-- join_using_beside_another_join
SELECT b.room, c.deviceid FROM events a JOIN device_settings b USING (deviceid) JOIN events c ON c.uuid = a.uuid WHERE c.uuid < 'uuid-3' ORDER BY c.uuid;

-- in_values
SELECT id FROM numbers WHERE i IN (VALUES 1, 7) ORDER BY id;

-- with_values
WITH w (shard, position) AS (VALUES ('a', 1), ('b', 2)) SELECT shard, position FROM w ORDER BY 1;

-- clauses_in_every_place
SELECT k, n FROM (SELECT ward AS k, count(*) FILTER (WHERE id > 0) AS n FROM incidents WHERE id < 100 GROUP BY ward HAVING count(*) > 0 ORDER BY ward LIMIT 10) WHERE n > 0 UNION ALL (SELECT 9, 9 WHERE true LIMIT 1) ORDER BY 1, 2 OFFSET 0 LIMIT 5;

-- columns_named_as_words
SELECT "all" AS first, next, "offset" AS "limit" FROM (VALUES (1, 2, 3)) v ("all", next, "offset") WHERE next = 2 ORDER BY first;

-- having_of_a_column_that_an_alias_hides
SELECT primary_type AS ward, max(ward) AS id FROM incidents GROUP BY primary_type HAVING max(ward) > 1 AND max(id) > 3;

-- full_join_using
SELECT x, a.y, b.z FROM (VALUES (1, 'a'), (2, 'b')) a (x, y) FULL JOIN (VALUES (2, 'c'), (3, 'd')) b (x, z) USING (x) ORDER BY x;

-- natural_join
SELECT 1 FROM events NATURAL JOIN device_settings;

-- join_without_condition
SELECT 1 FROM events JOIN device_settings;

-- join_of_integer_and_bigint
SELECT count(*) FROM numbers a JOIN numbers b ON a.i = b.b;

-- scalar_subquery
SELECT uuid, temp - (SELECT avg(temp) FROM events WHERE deviceid = 'device-1') FROM events WHERE uuid = 'uuid-1';

-- scalar_subquery_of_no_row
SELECT (SELECT id FROM none), coalesce((SELECT max(id) FROM none), 0);

-- correlated_subquery
SELECT s.deviceid, (SELECT count(*) FROM events e WHERE e.deviceid = s.deviceid) AS n FROM device_settings s ORDER BY 1;

-- exists
SELECT s.deviceid FROM device_settings s WHERE EXISTS (SELECT 1 FROM events e WHERE e.deviceid = s.deviceid AND e.temp > 20) ORDER BY 1;

-- not_exists
SELECT s.deviceid FROM device_settings s WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.deviceid = s.deviceid) ORDER BY 1;

-- exists_over_no_rows
SELECT EXISTS (SELECT 1 FROM none), NOT EXISTS (SELECT 1 FROM none);

-- in_subquery
SELECT uuid FROM events WHERE deviceid IN (SELECT deviceid FROM device_settings WHERE room = 'hall') ORDER BY 1;

-- compared_with_all
SELECT id FROM numbers WHERE id >= ALL (SELECT id FROM numbers);

-- compared_with_any
SELECT id FROM numbers WHERE i = ANY (VALUES 7, 1000) ORDER BY id;

-- row_comparison
SELECT id FROM incidents WHERE (ward, primary_type) = (2, 'BATTERY') ORDER BY id;

-- row_in
SELECT id FROM incidents WHERE (ward, arrest) IN ((1, true), (2, true)) ORDER BY id;

-- lateral
SELECT a.x, b.y FROM (VALUES 1, 2) a (x) CROSS JOIN LATERAL (SELECT a.x * 10 AS y) b ORDER BY 1;

-- values_as_table
SELECT shard, count(*) FROM (VALUES ('a', 1), ('b', 2), ('a', NULL)) v (shard, n) GROUP BY shard ORDER BY 1;

-- values_types
SELECT x, y, typeof(x), typeof(y) FROM (VALUES (1, 'a'), (2.5, 'bcd'), (3, NULL)) v (x, y) ORDER BY x;

-- unnest
SELECT x FROM UNNEST(ARRAY[3, 1, 2]) t (x) ORDER BY x;

-- unnest_with_ordinality
SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY t (x, n) ORDER BY n;

-- unnest_column
SELECT id, x FROM nested CROSS JOIN UNNEST(xs) t (x) ORDER BY 1, 2;

-- unnest_of_a_map
SELECT id, k, v FROM nested CROSS JOIN UNNEST(m) t (k, v) ORDER BY 1, 2;

-- unnest_left
SELECT id, x FROM nested LEFT JOIN UNNEST(xs) t (x) ON true ORDER BY 1, 2;

-- unnest_of_two
SELECT a, b FROM UNNEST(ARRAY[1, 2, 3], ARRAY['x', 'y']) t (a, b) ORDER BY a;

-- unnest_a_sequence
SELECT day FROM UNNEST(sequence(DATE '2026-02-27', DATE '2026-03-02', INTERVAL '1' DAY)) t (day) ORDER BY 1;

-- row_number
SELECT uuid, row_number() OVER (PARTITION BY deviceid ORDER BY devicets, uuid) AS n FROM events ORDER BY uuid;

-- rank_and_dense_rank
SELECT uuid, rank() OVER (ORDER BY devicets), dense_rank() OVER (ORDER BY devicets), percent_rank() OVER (ORDER BY devicets), cume_dist() OVER (ORDER BY devicets) FROM events ORDER BY uuid;

-- lag_and_lead
SELECT uuid, lag(temp) OVER (ORDER BY uuid), lead(temp, 2) OVER (ORDER BY uuid), lag(temp, 1, 0E0) OVER (ORDER BY uuid) FROM events ORDER BY uuid;

-- lag_ignoring_nulls
SELECT uuid, lag(temp) IGNORE NULLS OVER (ORDER BY uuid), last_value(temp) IGNORE NULLS OVER (ORDER BY uuid) FROM events ORDER BY uuid;

-- running_sum
SELECT id, sum(id) OVER (ORDER BY id), sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), count(*) OVER () FROM incidents ORDER BY id;

-- running_sum_over_ties: rows of one rank count together
SELECT id, sum(id) OVER (ORDER BY occurred_local) FROM incidents ORDER BY id;

-- range_frame
SELECT id, sum(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM incidents ORDER BY id;

-- first_and_last_value
SELECT id, first_value(id) OVER w, last_value(id) OVER w, nth_value(id, 2) OVER w FROM incidents WINDOW w AS (PARTITION BY ward ORDER BY id) ORDER BY id;

-- ntile
SELECT id, ntile(4) OVER (ORDER BY id) FROM incidents ORDER BY id;

-- window_over_aggregates
SELECT ward, count(*), sum(count(*)) OVER (), rank() OVER (ORDER BY count(*) DESC, ward) FROM incidents GROUP BY ward ORDER BY ward;

-- moving_average
SELECT id, avg(temp) OVER (ORDER BY uuid ROWS 2 PRECEDING) FROM (SELECT uuid AS id, uuid, temp FROM events) ORDER BY id;

-- latest_of_each
SELECT deviceid, temp FROM (SELECT *, row_number() OVER (PARTITION BY deviceid ORDER BY devicets DESC, uuid DESC) AS n FROM events) WHERE n = 1 ORDER BY deviceid;

-- case_as_pivot
SELECT ward, sum(CASE WHEN primary_type = 'THEFT' THEN 1 ELSE 0 END) AS thefts, sum(CASE WHEN arrest THEN 1 END) AS arrests FROM incidents GROUP BY ward ORDER BY ward;

-- sample_of_all
SELECT count(*) FROM incidents TABLESAMPLE BERNOULLI (100);

-- recursive_with
WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 5) SELECT sum(x) FROM n;

-- information_schema
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'corpus' AND table_name = 'incidents' ORDER BY ordinal_position;

-- information_schema_tables
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'corpus' ORDER BY table_name;
