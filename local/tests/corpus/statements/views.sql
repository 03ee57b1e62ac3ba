-- partial_of_an_average (approximate): what the compiler makes of the thermostats' daily average
SELECT
    "events"."deviceid" AS "deviceid",
    CAST("events"."devicets" AS date) AS "day",
    CAST(sum(abs("events"."temp" - "device_settings"."settemp") / "device_settings"."settemp") AS double) AS "p0_sum",
    CAST(count(abs("events"."temp" - "device_settings"."settemp") / "device_settings"."settemp") AS bigint) AS "p0_count",
    CAST(count(*) AS bigint) AS "p1_count"
FROM events AS "events"
INNER JOIN device_settings AS "device_settings" ON "events"."deviceid" = "device_settings"."deviceid"
GROUP BY 1, 2;

-- partial_of_counts_by_month
SELECT
    "incidents"."ward" AS "ward",
    CAST(date_trunc('month', "incidents"."occurred_local") AS date) AS "month",
    CAST(count(*) AS bigint) AS "p0_count",
    CAST(count(CASE WHEN "incidents"."arrest" THEN 1 ELSE CAST(NULL AS integer) END) AS bigint) AS "p1_count"
FROM incidents AS "incidents"
GROUP BY 1, 2;

-- merged_view
SELECT * FROM merged ORDER BY deviceid, day;

-- merged_view_columns
SELECT deviceid, day, average, events, typeof(deviceid), typeof(average), typeof(events) FROM merged;

-- merged_view_filtered_by_key
SELECT events FROM merged WHERE deviceid = 'd1' AND day = DATE '1970-01-01';

-- merged_view_totals
SELECT day, count(*) AS devices, sum(events) AS total_events, sum(average * events) / sum(events) AS average FROM merged GROUP BY day ORDER BY day;

-- view_over_a_view
SELECT * FROM busy;

-- view_joined_with_a_table
SELECT m.deviceid, m.events, s.room FROM merged m LEFT JOIN device_settings s ON s.deviceid = m.deviceid;

-- view_unknown_column
SELECT nosuch FROM merged;

-- runs_of_the_batch_table
SELECT run, sum(p0_count) FROM b GROUP BY run ORDER BY run;

-- runs_that_no_view_names
SELECT deviceid, p0_count FROM b WHERE run IN (-1, 16);

-- runs_without_any
SELECT count(*) FROM b WHERE run IN (-1);

-- runs_compared_with_text
SELECT count(*) FROM b WHERE run = '17';

-- segments_after_a_sequence_number
SELECT s._shard, s._after, s._last FROM s LEFT JOIN (VALUES (CAST('' AS varchar), CAST('' AS varchar)), ('shardId-0', '0042')) w (shard, sequence_number) ON s._shard = w.shard WHERE s._after >= coalesce(w.sequence_number, '') ORDER BY 1, 2;

-- large_sum_of_parts: how a sum beyond 2^31 is put together
SELECT CAST(sum(high) * 4294967296 + sum(low) AS bigint) FROM (VALUES (BIGINT '1', BIGINT '5'), (2, -7)) v (high, low);

-- large_sum_of_parts_overflow
SELECT CAST(sum(high) * 4294967296 + sum(low) AS bigint) FROM (VALUES (BIGINT '2147483648', BIGINT '5')) v (high, low);

-- parts_of_large_sums
SELECT id, b / 4294967296, b % 4294967296, (b / 4294967296) * 4294967296 + b % 4294967296 = b FROM numbers ORDER BY id;

-- average_of_nothing
SELECT sum(p0_sum) / nullif(sum(p0_count), 0) FROM b WHERE run = -1;

-- rounded_outputs
SELECT deviceid, round(avg(temp), 1) AS t, round(avg(temp)) AS whole, sqrt(count(*)) AS r FROM events GROUP BY deviceid ORDER BY deviceid;

-- checksum_of_identities: the checksum that an audit computes over raw
SELECT sum(from_base(substr(to_hex(md5(to_utf8(uuid))), 1, 8), 16) + id) FROM (SELECT uuid, row_number() OVER (ORDER BY uuid) AS id FROM events);

-- audit_of_ranges: the counts of an audit over raw, with a verdict, a repair and a row of another definition
SELECT "_shard", count_if("_drop" IS NULL AND "_reject" IS NULL), count_if("_drop" IS NULL AND "_reject" IS NOT NULL), count_if("_drop" IS NOT NULL), CAST(coalesce(sum(CASE WHEN "_drop" IS NULL THEN CAST(from_base(substr(to_hex(md5(to_utf8("_sequence_number"))), 1, 8), 16) + "_subsequence_number" + "_line" AS decimal(38, 0)) END), 0) AS varchar), min("_hour"), max("_hour")
FROM (SELECT * FROM (SELECT r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r JOIN (VALUES ('shardId-0', '', '0000000000000000000000000000000000000000000000000000000000000008', '2026112110', '2026112111'), ('shardId-1', '00', '9', '2026112110', '2026112110')) AS g ("_shard", "_after", "_upto", "_first", "_last") ON r."_shard" = g."_shard" AND r."_sequence_number" > g."_after" AND r."_sequence_number" <= g."_upto" AND concat(r."year", r."month", r."day", r."hour") BETWEEN g."_first" AND g."_last"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a'))) WHERE "_copy" = 1 AND "_repaired" = "_newest")
GROUP BY "_shard";

-- audit_of_one_folder: the verdict lies in the other one
SELECT "_shard", count_if("_drop" IS NULL AND "_reject" IS NULL), count_if("_drop" IS NULL AND "_reject" IS NOT NULL), count_if("_drop" IS NOT NULL), CAST(coalesce(sum(CASE WHEN "_drop" IS NULL THEN CAST(from_base(substr(to_hex(md5(to_utf8("_sequence_number"))), 1, 8), 16) + "_subsequence_number" + "_line" AS decimal(38, 0)) END), 0) AS varchar), min("_hour"), max("_hour")
FROM (SELECT * FROM (SELECT r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r JOIN (VALUES ('shardId-0', '', '0000000000000000000000000000000000000000000000000000000000000008', '2026112110', '2026112110')) AS g ("_shard", "_after", "_upto", "_first", "_last") ON r."_shard" = g."_shard" AND r."_sequence_number" > g."_after" AND r."_sequence_number" <= g."_upto" AND concat(r."year", r."month", r."day", r."hour") BETWEEN g."_first" AND g."_last"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a'))) WHERE "_copy" = 1 AND "_repaired" = "_newest")
GROUP BY "_shard";

-- audit_of_part_0
SELECT "_shard", count_if("_drop" IS NULL AND "_reject" IS NULL), count_if("_drop" IS NULL AND "_reject" IS NOT NULL), count_if("_drop" IS NOT NULL), CAST(coalesce(sum(CASE WHEN "_drop" IS NULL THEN CAST(from_base(substr(to_hex(md5(to_utf8("_sequence_number"))), 1, 8), 16) + "_subsequence_number" + "_line" AS decimal(38, 0)) END), 0) AS varchar), min("_hour"), max("_hour")
FROM (SELECT * FROM (SELECT r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r JOIN (VALUES ('shardId-0', '', '0000000000000000000000000000000000000000000000000000000000000008', '2026112110', '2026112111'), ('shardId-1', '00', '9', '2026112110', '2026112110')) AS g ("_shard", "_after", "_upto", "_first", "_last") ON r."_shard" = g."_shard" AND r."_sequence_number" > g."_after" AND r."_sequence_number" <= g."_upto" AND concat(r."year", r."month", r."day", r."hour") BETWEEN g."_first" AND g."_last"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a')) AND mod(from_base(substr(to_hex(md5(to_utf8(concat(r."_shard", r."_sequence_number")))), 1, 8), 16), 3) = 0) WHERE "_copy" = 1 AND "_repaired" = "_newest")
GROUP BY "_shard";

-- audit_of_part_1
SELECT "_shard", count_if("_drop" IS NULL AND "_reject" IS NULL), count_if("_drop" IS NULL AND "_reject" IS NOT NULL), count_if("_drop" IS NOT NULL), CAST(coalesce(sum(CASE WHEN "_drop" IS NULL THEN CAST(from_base(substr(to_hex(md5(to_utf8("_sequence_number"))), 1, 8), 16) + "_subsequence_number" + "_line" AS decimal(38, 0)) END), 0) AS varchar), min("_hour"), max("_hour")
FROM (SELECT * FROM (SELECT r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r JOIN (VALUES ('shardId-0', '', '0000000000000000000000000000000000000000000000000000000000000008', '2026112110', '2026112111'), ('shardId-1', '00', '9', '2026112110', '2026112110')) AS g ("_shard", "_after", "_upto", "_first", "_last") ON r."_shard" = g."_shard" AND r."_sequence_number" > g."_after" AND r."_sequence_number" <= g."_upto" AND concat(r."year", r."month", r."day", r."hour") BETWEEN g."_first" AND g."_last"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a')) AND mod(from_base(substr(to_hex(md5(to_utf8(concat(r."_shard", r."_sequence_number")))), 1, 8), 16), 3) = 1) WHERE "_copy" = 1 AND "_repaired" = "_newest")
GROUP BY "_shard";

-- audit_of_part_2
SELECT "_shard", count_if("_drop" IS NULL AND "_reject" IS NULL), count_if("_drop" IS NULL AND "_reject" IS NOT NULL), count_if("_drop" IS NOT NULL), CAST(coalesce(sum(CASE WHEN "_drop" IS NULL THEN CAST(from_base(substr(to_hex(md5(to_utf8("_sequence_number"))), 1, 8), 16) + "_subsequence_number" + "_line" AS decimal(38, 0)) END), 0) AS varchar), min("_hour"), max("_hour")
FROM (SELECT * FROM (SELECT r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r JOIN (VALUES ('shardId-0', '', '0000000000000000000000000000000000000000000000000000000000000008', '2026112110', '2026112111'), ('shardId-1', '00', '9', '2026112110', '2026112110')) AS g ("_shard", "_after", "_upto", "_first", "_last") ON r."_shard" = g."_shard" AND r."_sequence_number" > g."_after" AND r."_sequence_number" <= g."_upto" AND concat(r."year", r."month", r."day", r."hour") BETWEEN g."_first" AND g."_last"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a')) AND mod(from_base(substr(to_hex(md5(to_utf8(concat(r."_shard", r."_sequence_number")))), 1, 8), 16), 3) = 2) WHERE "_copy" = 1 AND "_repaired" = "_newest")
GROUP BY "_shard";

-- unread_rows: what lies behind the ledgers
SELECT "_shard", count_if("_drop" IS NULL AND "_reject" IS NULL), count_if("_drop" IS NULL AND "_reject" IS NOT NULL), max("_sequence_number")
FROM (SELECT * FROM (SELECT r."_shard", r."_sequence_number", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r LEFT JOIN (VALUES (CAST('' AS varchar), CAST('' AS varchar)), ('shardId-0', '0000000000000000000000000000000000000000000000000000000000000007')) AS g ("_shard", "_end") ON r."_shard" = g."_shard"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a')) AND r."_arrival_ms" < 9223372036854775807 AND r."_sequence_number" > coalesce(g."_end", '')) WHERE "_copy" = 1 AND "_repaired" = "_newest")
GROUP BY "_shard";

-- partial_over_ranges (approximate): a run's statement over one row for each identity
SELECT "events"."deviceid" AS "deviceid", CAST(sum("events"."temp") AS double) AS "p0_sum", CAST(count("events"."temp") AS bigint) AS "p0_count", CAST(count(*) AS bigint) AS "p1_count"
FROM (SELECT "deviceid", "temp" FROM (SELECT * FROM (SELECT r."deviceid", r."temp", concat(r."year", r."month", r."day", r."hour") AS "_hour", r."_reject", r."_drop", row_number() OVER (PARTITION BY r."_shard", r."_sequence_number", r."_subsequence_number", r."_line", coalesce(r."_repair", 0) ORDER BY CASE WHEN r."_drop" IS NULL THEN 1 ELSE 0 END, concat(r."year", r."month", r."day", r."hour") DESC) AS "_copy", coalesce(r."_repair", 0) AS "_repaired", max(coalesce(r."_repair", 0)) OVER (PARTITION BY r."_shard", r."_sequence_number") AS "_newest"
FROM raw AS r JOIN (VALUES ('shardId-0', '', '9', '2026112110', '2026112111')) AS g ("_shard", "_after", "_upto", "_first", "_last") ON r."_shard" = g."_shard" AND r."_sequence_number" > g."_after" AND r."_sequence_number" <= g."_upto" AND concat(r."year", r."month", r."day", r."hour") BETWEEN g."_first" AND g."_last"
WHERE r."year" IN ('2026') AND r."month" IN ('11') AND r."day" IN ('21') AND ((r."year" = '2026' AND r."month" = '11' AND r."day" = '21' AND r."hour" IN ('10', '11'))) AND r."_arrival_ms" >= 0 AND ((r."_definition" = 'a'))) WHERE "_copy" = 1 AND "_repaired" = "_newest") WHERE "_drop" IS NULL AND "_reject" IS NULL) AS "events"
GROUP BY 1;

-- one_row_for_each_identity
SELECT deviceid, temp FROM (SELECT *, row_number() OVER (PARTITION BY uuid ORDER BY devicets) AS copy FROM (SELECT * FROM events UNION ALL SELECT * FROM events)) WHERE copy = 1 ORDER BY uuid;

-- keys_of_doubles: zeros of both signs are one group, and all NaN
SELECT abs(d), count(*), sum(id) FROM (SELECT id, CASE WHEN d = 0 OR is_nan(d) THEN d END AS d FROM numbers) GROUP BY d;

-- comparisons_of_quotients
SELECT id, d / r > 1, d / r <= 1, d / r = 1, d / r <> 1, d / r IN (1, 2), d / r NOT IN (1, r), nullif(d / r, 1) FROM numbers WHERE id NOT IN (4, 5, 11, 14) ORDER BY id;

-- conversions_of_views
SELECT id, CAST(i AS bigint) * i, CAST(i AS double) / 3, CAST(b AS varchar), CAST(0.05 AS double) FROM numbers ORDER BY id;

-- texts_of_views
SELECT id, s || k, length(s), substr(s, 2, 1), s LIKE '%b%', s < 'b', s IN ('abc', k), concat(s, '-', k) FROM texts ORDER BY id;

-- times_of_views
SELECT id, CAST(t AS date), date_trunc('hour', t), EXTRACT(MONTH FROM d), hour(t), t >= d, coalesce(t, CAST(d AS timestamp)) FROM times ORDER BY id;

-- choices_of_views
SELECT id, CASE WHEN f THEN 1 WHEN i = 1 THEN 2 END, IF(d < r, 'less'), coalesce(d, i), nullif(d, 0), CASE d WHEN 0 THEN 1 ELSE 0 END FROM numbers ORDER BY id;

-- most_active_devices
SELECT deviceid, SUM(n) AS total_events, MAX(latest) AS latest_devicets FROM (SELECT deviceid, count(*) AS n, max(devicets) AS latest FROM events GROUP BY deviceid, CAST(devicets AS date)) GROUP BY deviceid ORDER BY total_events DESC, deviceid LIMIT 20;

-- highest_arrest_rate
SELECT ward, SUM(n) AS incidents, CAST(SUM(arrests) AS double) / SUM(n) AS arrest_rate FROM (SELECT ward, count(*) AS n, count_if(arrest) AS arrests FROM incidents GROUP BY ward) WHERE ward IS NOT NULL GROUP BY ward HAVING SUM(n) >= 2 ORDER BY arrest_rate DESC, ward LIMIT 10;

-- hours_of_a_day
SELECT HOUR(occurred_local) AS hour_of_day, COUNT(*) AS incidents FROM incidents WHERE CAST(occurred_local AS date) = DATE '2018-03-17' GROUP BY HOUR(occurred_local) ORDER BY hour_of_day;

-- share_of_the_whole
SELECT primary_type, count(*) * 100.0 / sum(count(*)) OVER () AS percent FROM incidents GROUP BY primary_type ORDER BY primary_type;

-- change_from_the_day_before
SELECT day, n, n - lag(n) OVER (ORDER BY day) AS change, round(100E0 * n / lag(n) OVER (ORDER BY day), 1) AS percent FROM (SELECT CAST(occurred_local AS date) AS day, count(*) AS n FROM incidents GROUP BY 1) ORDER BY day;

-- days_without_gaps
SELECT d.day, coalesce(n, 0) AS n FROM UNNEST(sequence(DATE '2018-03-30', DATE '2018-04-02', INTERVAL '1' DAY)) d (day) LEFT JOIN (SELECT CAST(occurred_local AS date) AS day, count(*) AS n FROM incidents GROUP BY 1) i ON d.day = i.day ORDER BY 1;

-- texts_of_dates_for_charts
SELECT date_format(occurred_local, '%Y-%m') AS month, format_datetime(occurred_local, 'yyyy-MM-dd') AS day, count(*) FROM incidents GROUP BY 1, 2 ORDER BY 2;

-- dashboard_parameters
SELECT count(*) FROM incidents WHERE ('' = '' OR primary_type = '') AND occurred_local >= from_iso8601_timestamp('2018-03-31T00:00:00Z');

-- percentiles
SELECT approx_percentile(temp, 0.5), approx_percentile(temp, ARRAY[0.0, 1.0]) FROM events;

-- histogram_of_widths
SELECT width_bucket(temp, 0, 40, 4) AS bucket, count(*) FROM events GROUP BY 1 ORDER BY 1;
