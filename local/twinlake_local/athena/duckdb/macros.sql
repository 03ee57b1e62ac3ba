-- Trino's functions that DuckDB lacks or defines differently.
-- Typed parameters choose an overload by the argument's type when a statement is bound.

-- A divisor of integers or decimals; DuckDB's own answer depends on its version. TRY takes no call of error().
CREATE MACRO trino_divisor(b) AS CASE WHEN b = 0 THEN CAST('Division by zero' AS TINYINT) ELSE b END;
CREATE MACRO trino_half_up(a, b) AS sign(a) * sign(b) * ((2 * abs(a) + abs(b)) // (2 * abs(trino_divisor(b))));
-- Division of operands whose types are unknown.
CREATE MACRO trino_divide
    (a INTEGER, b INTEGER) AS a // trino_divisor(b),
    (a BIGINT, b BIGINT) AS a // trino_divisor(b),
    (a BIGINT, b DOUBLE) AS a / b,
    (a DOUBLE, b BIGINT) AS a / b,
    (a DOUBLE, b DOUBLE) AS a / b;

-- A double as text has one digit before the point.
CREATE MACRO trino_scientific(sign, digits, exponent) AS
    sign || digits[1] || '.' || coalesce(nullif(rtrim(digits[2:], '0'), ''), '0') || 'E' || exponent;
CREATE MACRO trino_magnitude_text(sign, plain) AS CASE
    WHEN contains(plain, 'e') THEN
        trino_scientific(sign, replace(split_part(plain, 'e', 1), '.', ''), CAST(split_part(plain, 'e', 2) AS INTEGER))
    WHEN split_part(plain, '.', 1) <> '0' THEN
        trino_scientific(sign, replace(plain, '.', ''), length(split_part(plain, '.', 1)) - 1)
    ELSE
        trino_scientific(
            sign,
            ltrim(split_part(plain, '.', 2), '0'),
            length(ltrim(split_part(plain, '.', 2), '0')) - length(split_part(plain, '.', 2)) - 1)
    END;
-- The shortest digits, or the two nearest ones where one is enough, as Java prints them.
CREATE MACRO trino_digits(x) AS CASE
    WHEN length(regexp_replace(CAST(x AS VARCHAR), 'e.*', '')) = 1 AND CAST(printf('%.1e', x) AS DOUBLE) = x
    THEN printf('%.1e', x) ELSE CAST(x AS VARCHAR) END;
CREATE MACRO trino_double_text(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN isnan(x) THEN 'NaN'
    WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
    WHEN x = 0 THEN CASE WHEN signbit(x) THEN '-0E0' ELSE '0E0' END
    ELSE trino_magnitude_text(CASE WHEN x < 0 THEN '-' ELSE '' END, trino_digits(abs(x)))
    END;
-- A real has seven digits at most.
CREATE MACRO trino_real_digits(x) AS CASE
    WHEN length(regexp_replace(CAST(x AS VARCHAR), 'e.*', '')) = 1
        AND CAST(CAST(printf('%.1e', CAST(x AS DOUBLE)) AS DOUBLE) AS FLOAT) = x
    THEN printf('%.1e', CAST(x AS DOUBLE)) ELSE CAST(x AS VARCHAR) END;
CREATE MACRO trino_real_text(x) AS CASE
    WHEN x IS NULL OR isnan(x) OR isinf(x) OR x = 0 THEN trino_double_text(CAST(x AS DOUBLE))
    ELSE trino_magnitude_text(
        CASE WHEN x < 0 THEN '-' ELSE '' END, printf('%.6e', CAST(trino_real_digits(abs(x)) AS DOUBLE)))
    END;
CREATE MACRO trino_fitting(x, n) AS CASE
    WHEN x IS NULL OR length(x) <= n THEN x
    ELSE error('INVALID_CAST_ARGUMENT: Value ' || x || ' cannot be represented as varchar(' || n || ')') END;
CREATE MACRO trino_timestamp_text(x, digits) AS
    left(strftime(x, '%Y-%m-%d %H:%M:%S.%f'), CASE digits WHEN 0 THEN 19 ELSE 20 + digits END);
CREATE MACRO trino_timestamp_tz_text(x, digits) AS trino_timestamp_text(timezone('UTC', x), digits) || ' UTC';

-- CAST of text is stricter in Trino: no 0x10, 1_000, 1.5 as an integer, yes/no, no ISO "T".
CREATE MACRO trino_text_is(x, pattern, kind) AS CASE
    WHEN x IS NULL OR regexp_full_match(x, pattern) THEN x
    ELSE CAST(CAST('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || kind AS TINYINT) AS VARCHAR) END;
CREATE MACRO trino_text_if(x, pattern) AS CASE WHEN regexp_full_match(x, pattern) THEN x END;
CREATE MACRO trino_text_as_double(x) AS replace(x, 'Infinity', 'inf');
CREATE MACRO trino_round_to_millisecond(x) AS make_timestamp(CAST(round(epoch_us(x) / 1000.0) AS BIGINT) * 1000);

-- Text
CREATE MACRO trino_length (x VARCHAR) AS length(x), (x BLOB) AS octet_length(x);
CREATE MACRO trino_substr
    (x VARCHAR, s BIGINT) AS CASE
        WHEN x IS NULL OR s IS NULL THEN NULL
        WHEN s = 0 OR abs(s) > length(x) THEN ''
        ELSE substr(x, s) END,
    (x VARCHAR, s BIGINT, n BIGINT) AS CASE
        WHEN x IS NULL OR s IS NULL OR n IS NULL THEN NULL
        WHEN s = 0 OR abs(s) > length(x) OR n <= 0 THEN ''
        ELSE substr(x, s, n) END;
CREATE MACRO trino_split_part(x VARCHAR, delimiter VARCHAR, i BIGINT) AS CASE
    WHEN i < 1 THEN error('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero')
    WHEN i <= len(string_split(x, delimiter)) THEN split_part(x, delimiter, i) END;
-- DuckDB's upper() converts ß to the capital sharp s.
CREATE MACRO trino_upper(x) AS replace(upper(replace(x, 'ß', chr(57344))), chr(57344), 'ß');
-- White space is Java's: no no-break spaces. DuckDB takes spaces alone, but these of Unicode's as well.
CREATE MACRO trino_white_space() AS
    chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(28) || chr(29) || chr(30) || chr(31) || ' ' || chr(5760)
    || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8200)
    || chr(8201) || chr(8202) || chr(8232) || chr(8233) || chr(8287) || chr(12288);
CREATE MACRO trino_trim (x) AS trim(x, trino_white_space()), (x, characters) AS trim(x, characters);
CREATE MACRO trino_ltrim (x) AS ltrim(x, trino_white_space()), (x, characters) AS ltrim(x, characters);
CREATE MACRO trino_rtrim (x) AS rtrim(x, trino_white_space()), (x, characters) AS rtrim(x, characters);
-- By code points; DuckDB's reverse() keeps the code points of one visible character together.
CREATE MACRO trino_reverse(x) AS array_to_string(list_reverse(regexp_extract_all(x, '(?s).')), '');
CREATE MACRO trino_replace
    (x, old) AS replace(x, old, ''),
    (x, old, new) AS CASE
        WHEN old = '' THEN regexp_replace(x, '', replace(new, '\', '\\'), 'g')
        ELSE replace(x, old, new) END;
CREATE MACRO trino_regexp_count(x, pattern) AS len(regexp_extract_all(x, pattern));
CREATE MACRO trino_regexp_extract
    (x VARCHAR, pattern VARCHAR) AS CASE WHEN regexp_matches(x, pattern) THEN regexp_extract(x, pattern) END,
    -- DuckDB does not tell a group that took no part from one that matched nothing.
    (x VARCHAR, pattern VARCHAR, i) AS CASE
        WHEN NOT regexp_matches(x, pattern) THEN NULL
        WHEN i > 0 AND regexp_extract(x, pattern, i) = '' THEN
            error('NOT_SUPPORTED: a group without text in regexp_extract is not supported by the local Athena')
        ELSE regexp_extract(x, pattern, i) END;
CREATE MACRO trino_regexp_replace
    (x VARCHAR, pattern VARCHAR) AS regexp_replace(x, pattern, '', 'g'),
    (x VARCHAR, pattern VARCHAR, replacement VARCHAR) AS regexp_replace(x, pattern, replacement, 'g');
CREATE MACRO trino_codepoint(x VARCHAR) AS CAST(unicode(x) AS INTEGER);
CREATE MACRO trino_from_base(x VARCHAR, radix) AS CASE radix
    WHEN 16 THEN CAST('0x' || trino_text_is(x, '[0-9a-fA-F]+', 'BIGINT') AS BIGINT)
    WHEN 10 THEN CAST(trino_text_is(x, '[+-]?[0-9]+', 'BIGINT') AS BIGINT)
    WHEN 2 THEN CAST('0b' || trino_text_is(x, '[01]+', 'BIGINT') AS BIGINT)
    ELSE CAST(error('NOT_SUPPORTED: from_base with radix ' || radix) AS BIGINT) END;

-- Bytes
CREATE MACRO trino_md5(x BLOB) AS unhex(md5(x));
CREATE MACRO trino_sha1(x BLOB) AS unhex(sha1(x));
CREATE MACRO trino_sha256(x BLOB) AS unhex(sha256(x));
CREATE MACRO trino_to_hex(x BLOB) AS upper(hex(x));
CREATE MACRO trino_to_base64(x BLOB) AS to_base64(x);
CREATE MACRO trino_from_base64(x VARCHAR) AS from_base64(x);
CREATE MACRO trino_to_utf8(x VARCHAR) AS encode(x);
CREATE MACRO trino_from_utf8(x BLOB) AS decode(x);

-- Numbers
CREATE MACRO trino_floor (x BIGINT) AS x, (x DOUBLE) AS floor(x);
CREATE MACRO trino_ceil (x BIGINT) AS x, (x DOUBLE) AS ceil(x);
-- DuckDB divides first, which overflows for the least integer by -1. The remainder by 1 is the same, 0.
CREATE MACRO trino_remainder(a, b) AS a % CASE WHEN b = -1 THEN 1 ELSE trino_divisor(b) END;
CREATE MACRO trino_round
    (x) AS CASE WHEN x = 0 THEN abs(x) ELSE round(x) END,
    (x, digits) AS CASE WHEN x = 0 THEN abs(x) ELSE round(x, digits) END;
CREATE MACRO trino_sign(x) AS CASE WHEN isnan(x) OR x = 0 THEN x ELSE sign(x) END;
-- A step of Newton's method makes the root of a cube exact.
CREATE MACRO trino_cbrt(x) AS CASE
    WHEN x = 0 OR NOT isfinite(x) THEN cbrt(x)
    ELSE cbrt(x) - (cbrt(x) * cbrt(x) * cbrt(x) - x) / (3 * cbrt(x) * cbrt(x)) END;
CREATE MACRO trino_width_bucket(x, low, high, n) AS CASE
    WHEN x IS NULL OR low IS NULL OR high IS NULL OR n IS NULL THEN NULL
    WHEN isnan(CAST(x AS DOUBLE)) OR low >= high OR n < 1 THEN
        error('INVALID_FUNCTION_ARGUMENT: width_bucket needs a number, bounds that ascend and buckets')
    WHEN x < low THEN 0
    WHEN x >= high THEN n + 1
    ELSE CAST(floor(n * (CAST(x AS DOUBLE) - low) / (high - low)) AS BIGINT) + 1 END;
CREATE MACRO trino_infinity() AS CAST('inf' AS DOUBLE);
CREATE MACRO trino_nan() AS CAST('nan' AS DOUBLE);
CREATE MACRO trino_bitwise_and(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT);
CREATE MACRO trino_bitwise_or(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT);
CREATE MACRO trino_bitwise_not(a) AS ~CAST(a AS BIGINT);
CREATE MACRO trino_bitwise_xor(a, b) AS xor(CAST(a AS BIGINT), CAST(b AS BIGINT));

-- Dates and times
CREATE MACRO trino_interval(unit, n) AS CASE lower(unit)
    WHEN 'millisecond' THEN to_milliseconds(n)
    WHEN 'second' THEN to_seconds(n)
    WHEN 'minute' THEN to_minutes(n)
    WHEN 'hour' THEN to_hours(n)
    WHEN 'day' THEN to_days(CAST(n AS INTEGER))
    WHEN 'week' THEN to_weeks(CAST(n AS INTEGER))
    WHEN 'month' THEN to_months(CAST(n AS INTEGER))
    WHEN 'quarter' THEN to_months(CAST(3 * n AS INTEGER))
    WHEN 'year' THEN to_years(CAST(n AS INTEGER))
    ELSE error('INVALID_FUNCTION_ARGUMENT: ''' || unit || ''' is not a valid TIMESTAMP field') END;
CREATE MACRO trino_date_add
    (unit, n, x DATE) AS CAST(x + trino_interval(unit, n) AS DATE),
    (unit, n, x TIMESTAMP) AS x + trino_interval(unit, n),
    (unit, n, x TIMESTAMPTZ) AS x + trino_interval(unit, n);
CREATE MACRO trino_date_diff(unit, a, b) AS date_sub(unit, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP));
CREATE MACRO trino_date_trunc
    (unit, x DATE) AS CAST(date_trunc(unit, x) AS DATE),
    (unit, x TIMESTAMP) AS date_trunc(unit, x),
    (unit, x TIMESTAMPTZ) AS date_trunc(unit, x);
CREATE MACRO trino_from_unixtime(x) AS to_timestamp(round(CAST(x AS DOUBLE) * 1000) / 1000);
CREATE MACRO trino_to_iso8601
    (x DATE) AS strftime(x, '%Y-%m-%d'),
    (x TIMESTAMP) AS strftime(x, '%Y-%m-%dT%H:%M:%S.%g'),
    (x TIMESTAMPTZ) AS strftime(timezone('UTC', x), '%Y-%m-%dT%H:%M:%S.%gZ');
CREATE MACRO trino_millisecond(x) AS CAST(millisecond(x) % 1000 AS BIGINT);

-- Arrays, maps, JSON
CREATE MACRO trino_entries(x) AS CASE WHEN len(x) > 10000
    THEN error('INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries')
    ELSE x END;
CREATE MACRO trino_step(a, b, step) AS CASE
    WHEN step = 0 THEN error('INVALID_FUNCTION_ARGUMENT: step must not be zero')
    WHEN (step > 0 AND a > b) OR (step < 0 AND a < b) THEN error('INVALID_FUNCTION_ARGUMENT: '
        || 'sequence stop value should be greater than or equal to start value if step is greater than zero '
        || 'otherwise stop should be less than or equal to start')
    ELSE step END;
CREATE MACRO trino_sequence
    (a BIGINT, b BIGINT) AS trino_entries(generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END)),
    (a BIGINT, b BIGINT, step BIGINT) AS trino_entries(generate_series(a, b, trino_step(a, b, step))),
    (a DATE, b DATE) AS
        CAST(trino_entries(generate_series(a, b, to_days(CASE WHEN a <= b THEN 1 ELSE -1 END))) AS DATE[]),
    (a DATE, b DATE, step INTERVAL) AS CAST(trino_entries(generate_series(a, b, step)) AS DATE[]),
    (a TIMESTAMP, b TIMESTAMP, step INTERVAL) AS trino_entries(generate_series(a, b, step));
CREATE MACRO trino_subscript(x, i) AS CASE
    WHEN i = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')
    WHEN i < 0 THEN error('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || i)
    WHEN i > len(x) THEN error('INVALID_FUNCTION_ARGUMENT: '
        || 'Array subscript must be less than or equal to array length: ' || i || ' > ' || len(x))
    ELSE list_extract(x, i) END;
CREATE MACRO trino_map_subscript(x, k) AS CASE
    WHEN x IS NULL OR k IS NULL OR map_contains(x, k) THEN map_extract_value(x, k)
    ELSE error('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || k) END;
CREATE MACRO trino_has_null(x) AS len(x) > list_count(x);
CREATE MACRO trino_contains(x, v) AS
    CASE WHEN list_contains(x, v) THEN true WHEN trino_has_null(x) THEN NULL ELSE list_contains(x, v) END;
CREATE MACRO trino_array_max(x) AS CASE WHEN NOT trino_has_null(x) THEN list_max(x) END;
CREATE MACRO trino_array_min(x) AS CASE WHEN NOT trino_has_null(x) THEN list_min(x) END;
CREATE MACRO trino_array_sort(x) AS list_sort(x, 'ASC', 'NULLS LAST');
CREATE MACRO trino_array_distinct(x) AS list_filter(x, lambda v, i: list_position(x, v) = i);
CREATE MACRO trino_array_position(x, v) AS
    CASE WHEN x IS NOT NULL AND v IS NOT NULL THEN coalesce(list_position(x, v), 0) END;
CREATE MACRO trino_slice(x, start, n) AS CASE
    WHEN start = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1')
    WHEN n < 0 THEN error('INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0')
    WHEN start < 0 THEN list_slice(x, len(x) + start + 1, len(x) + start + n)
    ELSE list_slice(x, start, start + n - 1) END;
CREATE MACRO trino_joined(x, delimiter) AS
    CASE WHEN x IS NOT NULL THEN coalesce(array_to_string(x, delimiter), '') END;
CREATE MACRO trino_array_join
    (x, delimiter) AS trino_joined(list_filter(CAST(x AS VARCHAR[]), lambda v: v IS NOT NULL), delimiter),
    (x, delimiter, absent) AS
        trino_joined(list_transform(CAST(x AS VARCHAR[]), lambda v: coalesce(v, absent)), delimiter);
-- NULL for invalid JSON, and for values that are not scalar.
CREATE MACRO trino_json_extract_scalar(x, path) AS CASE
    WHEN json_valid(x) AND json_type(json_extract(x, path)) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN json_extract_string(x, path) END;
CREATE MACRO trino_json_parse(x) AS CASE
    WHEN x IS NULL OR json_valid(x) THEN CAST(x AS JSON)
    ELSE error('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ''' || x || '''') END;
CREATE MACRO trino_array_element(x, i) AS
    CASE WHEN i = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') ELSE list_extract(x, i) END;
