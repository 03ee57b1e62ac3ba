-- cast_text_to_integers
SELECT CAST('7' AS tinyint), CAST('-7' AS smallint), CAST('+7' AS integer), CAST('007' AS bigint);

-- cast_text_with_spaces_to_integer
SELECT CAST(' 7' AS integer);

-- cast_fraction_to_integer
SELECT CAST('1.5' AS integer);

-- cast_empty_text_to_integer
SELECT CAST('' AS integer);

-- cast_text_beyond_integer
SELECT CAST('2147483648' AS integer);

-- cast_word_to_bigint
SELECT CAST(s AS bigint) FROM texts WHERE id = 1;

-- try_cast_text_to_integer
SELECT id, try_cast(s AS integer), try_cast(k AS bigint) FROM texts ORDER BY id;

-- try_cast_text_to_double
SELECT id, try_cast(s AS double), try_cast(k AS double) FROM texts ORDER BY id;

-- try_cast_text_to_decimal
SELECT id, try_cast(s AS decimal(5, 2)), try_cast(k AS decimal(5, 2)) FROM texts ORDER BY id;

-- try_cast_text_to_boolean
SELECT id, try_cast(s AS boolean), try_cast(k AS boolean) FROM texts ORDER BY id;

-- try_cast_text_to_date
SELECT id, try_cast(s AS date), try_cast(k AS date) FROM texts ORDER BY id;

-- try_cast_text_to_timestamp
SELECT id, try_cast(s AS timestamp), try_cast(k AS timestamp) FROM texts ORDER BY id;

-- cast_text_to_double
SELECT CAST('1.5' AS double), CAST('1e3' AS double), CAST(' 2.5 ' AS double), CAST('NaN' AS double), CAST('-Infinity' AS double), CAST('1.' AS double);

-- cast_inf_to_double
SELECT CAST('inf' AS double);

-- cast_nan_in_lower_case
SELECT CAST('nan' AS double);

-- cast_text_to_real
SELECT CAST('0.1' AS real), CAST('1e39' AS real);

-- cast_text_to_boolean
SELECT CAST('true' AS boolean), CAST('F' AS boolean), CAST('1' AS boolean), CAST('0' AS boolean);

-- cast_yes_to_boolean
SELECT CAST('yes' AS boolean);

-- cast_double_to_integers: rounds halves away from zero
SELECT id, CAST(d AS integer), CAST(d AS bigint) FROM numbers WHERE id IN (1, 2, 3, 6, 10, 11, 12, 13, 14) ORDER BY id;

-- cast_nan_to_integer
SELECT CAST(d AS integer) FROM numbers WHERE id = 7;

-- cast_infinity_to_bigint
SELECT CAST(d AS bigint) FROM numbers WHERE id = 8;

-- cast_large_double_to_bigint
SELECT CAST(1E19 AS bigint);

-- try_cast_double_to_integer
SELECT id, try_cast(d AS integer), try_cast(d AS tinyint) FROM numbers ORDER BY id;

-- cast_bigint_to_integer_overflow
SELECT CAST(b AS integer) FROM numbers WHERE id = 4;

-- cast_integer_to_tinyint_overflow
SELECT CAST(i AS tinyint) FROM numbers WHERE id = 11;

-- try_cast_narrowing
SELECT id, try_cast(i AS tinyint), try_cast(b AS smallint), try_cast(b AS integer) FROM numbers ORDER BY id;

-- cast_decimal_to_integer: rounds halves away from zero
SELECT id, CAST(c AS integer), CAST(c AS bigint) FROM numbers ORDER BY id;

-- cast_decimal_to_tinyint_overflow
SELECT CAST(c AS tinyint) FROM numbers WHERE id = 4;

-- cast_numbers_to_boolean
SELECT id, CAST(i AS boolean), CAST(d AS boolean), CAST(c AS boolean) FROM numbers ORDER BY id;

-- cast_boolean_to_numbers
SELECT CAST(true AS integer), CAST(false AS double), CAST(true AS decimal(3, 1)), CAST(true AS varchar), CAST(true AS bigint);

-- cast_double_to_text
SELECT id, CAST(d AS varchar), CAST(r AS varchar) FROM numbers ORDER BY id;

-- cast_doubles_near_the_switch_to_text
SELECT CAST(1E-3 AS varchar), CAST(9.99E-4 AS varchar), CAST(9999999E0 AS varchar), CAST(1E7 AS varchar), CAST(123.456E0 AS varchar), CAST(1E21 AS varchar), CAST(1.7976931348623157E308 AS varchar);

-- cast_decimal_to_text
SELECT id, CAST(c AS varchar), CAST(e AS varchar) FROM numbers ORDER BY id;

-- cast_integer_to_text
SELECT id, CAST(t AS varchar), CAST(b AS varchar) FROM numbers ORDER BY id;

-- cast_to_short_text
SELECT CAST('abcdef' AS varchar(3)), CAST('a😀b' AS varchar(2)), CAST(s AS varchar(2)) FROM texts WHERE id = 1;

-- cast_integer_to_short_text
SELECT CAST(12345 AS varchar(3));

-- cast_double_to_short_text
SELECT CAST(12345E0 AS varchar(3));

-- cast_to_char: padded with spaces
SELECT CAST('ab' AS char(4)), CAST('ab' AS char(4)) || '|', length(CAST('ab' AS char(4))), CAST('ab ' AS char(4)) = 'ab';

-- cast_date_to_text
SELECT id, CAST(d AS varchar) FROM times ORDER BY id;

-- cast_timestamp_to_text
SELECT id, CAST(t AS varchar) FROM times ORDER BY id;

-- cast_timestamp_to_date
SELECT id, CAST(t AS date), date(t) FROM times ORDER BY id;

-- cast_date_to_timestamp
SELECT id, CAST(d AS timestamp) FROM times ORDER BY id;

-- cast_text_to_date
SELECT CAST('2026-11-21' AS date), CAST('0001-01-01' AS date), CAST(' 2026-11-21 ' AS date), date('2024-02-29');

-- cast_impossible_day_to_date
SELECT CAST('2026-02-29' AS date);

-- cast_other_form_to_date
SELECT CAST('21.11.2026' AS date);

-- cast_timestamp_text_to_date
SELECT CAST('2026-11-21 10:00:00' AS date);

-- cast_text_to_timestamp
SELECT CAST('2026-11-21 10:11:12' AS timestamp), CAST('2026-11-21' AS timestamp), CAST('2026-11-21 10:11' AS timestamp), CAST('2026-11-21 10:11:12.3456' AS timestamp);

-- cast_iso_text_to_timestamp
SELECT CAST('2026-11-21T10:11:12' AS timestamp);

-- cast_integer_to_date
SELECT CAST(20000 AS date);

-- cast_integer_to_timestamp
SELECT CAST(0 AS timestamp);

-- cast_timestamp_to_bigint
SELECT CAST(t AS bigint) FROM times;

-- cast_date_to_integer
SELECT CAST(d AS integer) FROM times;

-- cast_boolean_to_date
SELECT CAST(true AS date);

-- try_cast_that_is_no_cast: what no value can be cast to is refused all the same
SELECT try_cast(1 AS date);

-- cast_to_unknown_type
SELECT CAST(1 AS nosuch);

-- cast_to_string: Hive's name is no type of Trino's
SELECT CAST(1 AS string);

-- cast_to_int
SELECT CAST('1' AS int), CAST(1.5 AS float);

-- cast_null
SELECT CAST(NULL AS integer), CAST(NULL AS varchar), CAST(NULL AS timestamp), try_cast(NULL AS double);

-- try_of_a_failing_cast
SELECT try(CAST('x' AS integer)), try(1 / 0), coalesce(try(CAST('1' AS integer) / 0), -1);

-- cast_bytes
SELECT CAST('abc' AS varbinary), to_utf8('é'), from_utf8(to_utf8('é😀')), CAST(X'616263' AS varbinary);

-- cast_time
SELECT TIME '10:11:12', CAST('10:11:12.5' AS time), CAST(TIMESTAMP '2026-11-21 10:11:12' AS time);

-- cast_to_json
SELECT CAST(1 AS json), CAST('a' AS json), CAST(ARRAY[1, 2] AS json);

-- cast_array
SELECT CAST(ARRAY[1, 2] AS array(varchar)), CAST(ARRAY['1', '2'] AS array(bigint));

-- cast_row
SELECT CAST(ROW(1, 'x') AS row(a bigint, b varchar));
