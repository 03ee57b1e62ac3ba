-- time_values
SELECT id, t, d FROM times ORDER BY id;

-- date_literals
SELECT DATE '2026-11-21', DATE '0001-01-01', DATE '1582-10-10', DATE '9999-12-31';

-- timestamp_literals: as many digits as are written
SELECT TIMESTAMP '2026-11-21 10:11:12', TIMESTAMP '2026-11-21 10:11:12.3', TIMESTAMP '2026-11-21 10:11:12.345678', TIMESTAMP '2026-11-21', TIMESTAMP '2026-11-21 10:11';

-- timestamp_literals_with_zone
SELECT TIMESTAMP '2026-11-21 10:11:12 UTC', TIMESTAMP '2026-11-21 10:11:12.5 UTC', CAST('2026-11-21 10:11:12 UTC' AS timestamp with time zone);

-- zones_other_than_utc
SELECT TIMESTAMP '2026-11-21 10:11:12 Europe/Berlin', CAST('2026-07-01 10:11:12.5 +02:00' AS timestamp with time zone), TIMESTAMP '2026-07-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin', from_unixtime(0, 'Europe/Berlin'), with_timezone(TIMESTAMP '2026-03-29 01:30:00', 'Europe/Berlin');

-- time_comparison
SELECT id, t < TIMESTAMP '1970-01-01 00:00:00', t >= d, CAST(t AS date) = d FROM times ORDER BY id;

-- date_compared_with_timestamp
SELECT id FROM times WHERE t > DATE '2026-11-21' ORDER BY id;

-- time_order
SELECT id FROM times ORDER BY t DESC, id;

-- time_min_and_max
SELECT min(t), max(t), min(d), max(d), count(DISTINCT CAST(t AS date)) FROM times;

-- date_trunc_of_timestamps
SELECT id, date_trunc('year', t), date_trunc('quarter', t), date_trunc('month', t), date_trunc('week', t) FROM times ORDER BY id;

-- date_trunc_to_shorter_parts
SELECT id, date_trunc('day', t), date_trunc('hour', t), date_trunc('minute', t), date_trunc('second', t) FROM times ORDER BY id;

-- date_trunc_to_milliseconds
SELECT date_trunc('millisecond', TIMESTAMP '2026-11-21 10:11:12.345678');

-- date_trunc_of_dates
SELECT id, date_trunc('year', d), date_trunc('quarter', d), date_trunc('month', d), date_trunc('week', d), date_trunc('day', d) FROM times ORDER BY id;

-- date_trunc_of_a_date_to_hours
SELECT date_trunc('hour', d) FROM times WHERE id = 1;

-- date_trunc_of_an_unknown_unit
SELECT date_trunc('fortnight', t) FROM times WHERE id = 1;

-- date_trunc_in_capitals
SELECT date_trunc('MONTH', t), date_trunc('Day', t) FROM times WHERE id = 1;

-- date_trunc_of_text
SELECT date_trunc('day', '2026-11-21');

-- extract_from_timestamps
SELECT id, EXTRACT(YEAR FROM t), EXTRACT(MONTH FROM t), EXTRACT(DAY FROM t), EXTRACT(HOUR FROM t), EXTRACT(MINUTE FROM t), EXTRACT(SECOND FROM t) FROM times ORDER BY id;

-- extract_of_weeks
SELECT id, week(d), year_of_week(d), day_of_week(d), day_of_year(d), quarter(d), EXTRACT(DOW FROM d), EXTRACT(DOY FROM d) FROM times ORDER BY id;

-- parts_of_timestamps
SELECT id, year(t), month(t), day(t), hour(t), minute(t), second(t), millisecond(t) FROM times ORDER BY id;

-- extract_hour_from_a_date
SELECT EXTRACT(HOUR FROM d) FROM times WHERE id = 1;

-- hour_of_a_date
SELECT hour(d) FROM times WHERE id = 1;

-- extract_epoch
SELECT EXTRACT(EPOCH FROM t) FROM times WHERE id = 1;

-- last_day
SELECT id, last_day_of_month(d) FROM times WHERE id < 17 ORDER BY id;

-- date_plus_interval
SELECT id, d + INTERVAL '1' DAY, d - INTERVAL '1' MONTH, d + INTERVAL '1' YEAR FROM times WHERE id < 16 ORDER BY id;

-- dates_outside_of_four_digits
SELECT d - INTERVAL '1' MONTH, d + INTERVAL '1' YEAR FROM times WHERE id > 15 ORDER BY d;

-- date_plus_hours
SELECT d + INTERVAL '1' HOUR FROM times WHERE id = 1;

-- timestamp_plus_interval
SELECT id, t + INTERVAL '1' HOUR, t - INTERVAL '1' MONTH, t + INTERVAL '0.001' SECOND FROM times WHERE id < 16 ORDER BY id;

-- interval_on_the_left
SELECT INTERVAL '1' DAY + DATE '2026-11-21', INTERVAL '2' MONTH + TIMESTAMP '2026-12-31 10:00:00';

-- interval_times_number
SELECT DATE '2026-11-21' + 3 * INTERVAL '1' DAY, DATE '2026-11-21' - INTERVAL '7' DAY * 2;

-- interval_of_parts
SELECT TIMESTAMP '2026-11-21 00:00:00' + INTERVAL '1 02:03:04' DAY TO SECOND, DATE '2026-11-21' + INTERVAL '1-2' YEAR TO MONTH, TIMESTAMP '2026-11-21 00:00:00' - INTERVAL '1:30' HOUR TO MINUTE;

-- interval_values
SELECT INTERVAL '1' DAY, INTERVAL '90' MINUTE, INTERVAL '14' MONTH, INTERVAL '-1.5' SECOND;

-- timestamp_minus_timestamp
SELECT id, t - TIMESTAMP '2026-11-21 00:00:00' FROM times WHERE id < 4 ORDER BY id;

-- month_ends
SELECT DATE '2026-01-31' + INTERVAL '1' MONTH, DATE '2024-02-29' + INTERVAL '1' YEAR, date_add('month', -1, DATE '2026-03-31'), DATE '2026-03-31' - INTERVAL '1' MONTH;

-- date_add_units
SELECT date_add('day', 1, d), date_add('week', 2, d), date_add('month', 1, d), date_add('quarter', 1, d), date_add('year', -1, d) FROM times WHERE id IN (1, 8) ORDER BY id;

-- date_add_to_timestamps
SELECT date_add('hour', 25, t), date_add('minute', -1, t), date_add('second', 1, t), date_add('millisecond', 1, t) FROM times WHERE id IN (2, 8) ORDER BY id;

-- date_add_hours_to_a_date
SELECT date_add('hour', 1, d) FROM times WHERE id = 1;

-- date_add_an_unknown_unit
SELECT date_add('nosuch', 1, d) FROM times WHERE id = 1;

-- date_diff_of_dates
SELECT date_diff('day', DATE '2026-01-31', d), date_diff('month', DATE '2026-01-31', d), date_diff('year', DATE '2024-02-29', d), date_diff('week', d, DATE '2026-12-31') FROM times WHERE id IN (1, 9, 12, 13) ORDER BY id;

-- date_diff_of_timestamps
SELECT id, date_diff('day', TIMESTAMP '2026-11-21 12:00:00', t), date_diff('hour', TIMESTAMP '2026-11-21 12:00:00', t), date_diff('millisecond', TIMESTAMP '2026-11-21 12:00:00', t) FROM times WHERE id < 16 ORDER BY id;

-- date_diff_of_months
SELECT date_diff('month', TIMESTAMP '2026-01-31 00:00:00', TIMESTAMP '2026-02-28 00:00:00'), date_diff('month', DATE '2026-03-31', DATE '2026-02-28'), date_diff('year', DATE '2024-02-29', DATE '2025-02-28'), date_diff('quarter', DATE '2026-01-01', DATE '2026-12-31');

-- date_diff_of_an_unknown_unit
SELECT date_diff('nosuch', d, d) FROM times WHERE id = 1;

-- date_diff_of_text
SELECT date_diff('day', '2026-01-01', '2026-01-02');

-- date_diff_of_date_and_timestamp
SELECT date_diff('hour', d, t) FROM times WHERE id IN (1, 2, 3) ORDER BY id;

-- date_format_letters
SELECT id, date_format(t, '%Y-%m-%d %H:%i:%s.%f'), date_format(t, '%a %b %c %e %W %M %p %h %k %l %y %j') FROM times WHERE id < 16 ORDER BY id;

-- date_format_weeks
SELECT id, date_format(d, '%v %x') FROM times WHERE id < 16 ORDER BY id;

-- date_format_of_a_date
SELECT date_format(d, '%d.%m.%Y %T %r %%') FROM times WHERE id = 1;

-- date_format_of_an_unsupported_letter
SELECT date_format(t, '%U') FROM times WHERE id = 1;

-- date_format_of_text
SELECT date_format('2026-11-21', '%Y');

-- date_parse_forms
SELECT date_parse('2026-11-21', '%Y-%m-%d'), date_parse('21/11/2026 07:08', '%d/%m/%Y %H:%i'), date_parse('2026-11-21 10:11:12.345', '%Y-%m-%d %H:%i:%s.%f');

-- date_parse_of_another_text
SELECT date_parse('x', '%Y-%m-%d');

-- date_parse_of_more_text
SELECT date_parse('2026-11-21 10:00', '%Y-%m-%d');

-- format_datetime_patterns
SELECT format_datetime(t, 'yyyy-MM-dd HH:mm:ss.SSS'), format_datetime(t, 'EEE, d MMM yy'), format_datetime(d, 'YYYY/MM'), format_datetime(t, 'HH''h''') FROM times WHERE id IN (1, 8) ORDER BY id;

-- parse_datetime_patterns
SELECT parse_datetime('2026-11-21 10:11', 'yyyy-MM-dd HH:mm');

-- iso_8601
SELECT to_iso8601(d), to_iso8601(t), from_iso8601_date('2026-11-21'), from_iso8601_timestamp('2026-11-21T10:11:12Z') FROM times WHERE id = 1;

-- iso_8601_with_zone
SELECT from_iso8601_timestamp('2026-11-21T10:11:12.345+02:00');

-- iso_8601_without_time
SELECT from_iso8601_timestamp('2026-11-21'), from_iso8601_timestamp('2026-11-21T10:11:12.345+02:00') = TIMESTAMP '2026-11-21 08:11:12.345 UTC';

-- from_unixtime
SELECT from_unixtime(0), from_unixtime(1795255872.345E0), from_unixtime(-1), from_unixtime(1795255872);

-- to_unixtime
SELECT id, to_unixtime(t) FROM times ORDER BY id;

-- to_unixtime_of_a_date
SELECT to_unixtime(d) FROM times WHERE id = 1;

-- from_unixtime_as_timestamp
SELECT CAST(from_unixtime(1795255872.3456E0) AS timestamp), CAST(from_unixtime(0) AS date);

-- at_time_zone_at_the_edges_of_daylight_saving
SELECT id, CAST(t AT TIME ZONE 'Europe/Berlin' AS timestamp) FROM times WHERE id IN (9, 10, 11) ORDER BY id;

-- hour_in_a_zone
SELECT hour(TIMESTAMP '2026-07-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin'), EXTRACT(DAY FROM t AT TIME ZONE 'America/Chicago'), date_format(t AT TIME ZONE 'America/Chicago', '%Y-%m-%d %H:%i'), CAST(t AT TIME ZONE 'America/Chicago' AS date) FROM times WHERE id IN (1, 2, 9, 11) ORDER BY id;

-- day_in_a_zone
SELECT date_trunc('day', TIMESTAMP '2026-07-01 23:00:00 UTC' AT TIME ZONE 'Europe/Berlin');

-- unknown_time_zone
SELECT CAST(t AT TIME ZONE 'Nowhere/City' AS timestamp) FROM times WHERE id = 1;

-- zoned_comparison
SELECT TIMESTAMP '2026-07-01 12:00:00 UTC' = TIMESTAMP '2026-07-01 12:00:00.000 UTC', TIMESTAMP '2026-07-01 12:00:00 UTC' > TIMESTAMP '2026-07-01 12:00:00';

-- current_types
SELECT typeof(current_date), typeof(current_timestamp), typeof(now()), typeof(localtimestamp);

-- current_values
SELECT current_date >= DATE '2026-01-01', now() > TIMESTAMP '2026-01-01 00:00:00 UTC', current_timestamp = now(), CAST(now() AS date) = current_date;

-- recent_days
SELECT count(*) FROM times WHERE d > current_date - INTERVAL '7' DAY AND d < DATE '2020-01-01';

-- timestamp_precision_of_results
SELECT typeof(t), typeof(t + INTERVAL '1' DAY), typeof(date_trunc('day', t)), typeof(TIMESTAMP '2026-11-21 10:00:00'), typeof(from_unixtime(0)), typeof(coalesce(t, TIMESTAMP '2026-11-21 10:00:00.123456')) FROM times WHERE id = 1;

-- timestamp_compared_with_finer_one
SELECT id FROM times WHERE t = TIMESTAMP '2026-11-21 10:11:12.345000' OR t = TIMESTAMP '2026-11-21 00:00:00';

-- time_in
SELECT id FROM times WHERE d IN (DATE '2026-11-21', DATE '1970-01-01') OR t IN (TIMESTAMP '2000-02-29 12:00:00') ORDER BY id;

-- time_between
SELECT id FROM times WHERE t BETWEEN TIMESTAMP '2026-11-21 00:00:00' AND TIMESTAMP '2026-11-21 23:59:59.999' ORDER BY id;

-- time_group
SELECT year(t), count(*) FROM times GROUP BY year(t) ORDER BY 1;

-- timestamps_from_parts
SELECT date_parse('2026', '%Y'), date '2026-01-01' + (7 * INTERVAL '1' DAY);
