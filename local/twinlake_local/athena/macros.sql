-- Trino's functions where DuckDB has none of that name or one that answers otherwise.
-- Typed parameters choose an overload by the argument's type when a statement is bound.

-- A divisor of integers or decimals; DuckDB's own answer depends on its version. TRY takes no call of error().
CREATE MACRO trino_divisor(b) AS CASE WHEN b = 0 THEN CAST('Division by zero' AS TINYINT) ELSE b END;
-- Division where type inference came to no result.
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
CREATE MACRO trino_double_text(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN isnan(x) THEN 'NaN'
    WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
    WHEN x = 0 THEN CASE WHEN signbit(x) THEN '-0E0' ELSE '0E0' END
    ELSE trino_magnitude_text(CASE WHEN x < 0 THEN '-' ELSE '' END, CAST(abs(x) AS VARCHAR))
    END;
CREATE MACRO trino_timestamp_text(x, digits) AS
    left(strftime(x, '%Y-%m-%d %H:%M:%S.%f'), CASE digits WHEN 0 THEN 19 ELSE 20 + digits END);
CREATE MACRO trino_timestamp_tz_text(x, digits) AS trino_timestamp_text(timezone('UTC', x), digits) || ' UTC';

-- CAST of text is stricter in Trino: no 0x10, 1_000, 1.5 as an integer, yes/no, no ISO "T".
CREATE MACRO trino_text_is(x, pattern, kind) AS CASE
    WHEN x IS NULL OR regexp_full_match(x, pattern) THEN x
    ELSE error('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || kind) END;
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
CREATE MACRO trino_split_part(x VARCHAR, delimiter VARCHAR, i BIGINT) AS
    CASE WHEN i <= len(string_split(x, delimiter)) THEN split_part(x, delimiter, i) END;
CREATE MACRO trino_regexp_extract
    (x VARCHAR, pattern VARCHAR) AS CASE WHEN regexp_matches(x, pattern) THEN regexp_extract(x, pattern) END,
    (x VARCHAR, pattern VARCHAR, i) AS
        CASE WHEN regexp_matches(x, pattern) THEN regexp_extract(x, pattern, i) END;
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
-- The least integer has no remainder by -1 in DuckDB, which divides first; by 1 there is the same one, 0.
CREATE MACRO trino_remainder(a, b) AS a % CASE WHEN b = -1 THEN 1 ELSE trino_divisor(b) END;
CREATE MACRO trino_infinity() AS CAST('inf' AS DOUBLE);
CREATE MACRO trino_nan() AS CAST('nan' AS DOUBLE);
CREATE MACRO trino_bitwise_and(a, b) AS CAST(a AS BIGINT) & CAST(b AS BIGINT);
CREATE MACRO trino_bitwise_or(a, b) AS CAST(a AS BIGINT) | CAST(b AS BIGINT);
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
CREATE MACRO trino_millisecond(x) AS CAST(millisecond(x) % 1000 AS BIGINT);

-- Arrays, maps, JSON
CREATE MACRO trino_entries(x) AS CASE WHEN len(x) > 10000
    THEN error('INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 entries')
    ELSE x END;
CREATE MACRO trino_sequence
    (a, b) AS trino_entries(generate_series(a, b)),
    (a, b, step) AS trino_entries(generate_series(a, b, step));
CREATE MACRO trino_array_element(x, i) AS
    CASE WHEN i = 0 THEN error('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') ELSE list_extract(x, i) END;
