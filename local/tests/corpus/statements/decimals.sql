-- decimal_values
SELECT id, c, e FROM numbers ORDER BY id;

-- decimal_addition
SELECT c + c, c + 1, c + 0.001, c + b FROM numbers WHERE id = 1;

-- decimal_multiplication
SELECT c * c, c * 2, c * 0.5, c * -1 FROM numbers WHERE id IN (1, 4, 5) ORDER BY id;

-- decimal_division: half up at the scale of the result
SELECT id, c / 3, c / 3.00, 1 / nullif(c, 0), c / 0.03 FROM numbers WHERE id IN (1, 2, 7, 8, 12, 13) ORDER BY id;

-- decimal_division_of_literals
SELECT 1.0 / 3, 2.0 / 3, -2.0 / 3, 1 / 3.0, 1.00 / 3, 10.0 / 4, 0.05 / 2, 5.00 / 2.5;

-- decimal_remainder
SELECT id, c % 1, c % 0.03, mod(c, -2.0) FROM numbers WHERE id IN (1, 2, 7, 8, 12, 13) ORDER BY id;

-- decimal_division_by_zero
SELECT c / 0 FROM numbers WHERE id = 1;

-- decimal_remainder_by_zero
SELECT c % 0.0 FROM numbers WHERE id = 1;

-- decimal_overflow
SELECT e * 10 FROM numbers WHERE id = 4;

-- decimal_addition_overflow
SELECT e + e FROM numbers WHERE id = 4;

-- decimal_sum
SELECT sum(c), avg(c), min(c), max(c), sum(c) / count(c) FROM numbers;

-- decimal_sum_overflow
SELECT sum(x) FROM (VALUES CAST(9999999999999999999999999999.9999999999 AS decimal(38, 10)), 1) v (x);

-- decimal_average_rounds
SELECT avg(x), sum(x) FROM (VALUES 0.01, 0.02, 0.02) v (x);

-- decimal_average_of_many_digits
SELECT avg(e) FROM numbers WHERE id IN (1, 4);

-- decimal_division_of_many_digits
SELECT 12345678901234567890.12 / 7, 99999999999999999.99 / 3, -99999999999999999.99 / 0.7, CAST(b AS decimal(19, 0)) / 7.0, sum(c) OVER () / 3 FROM numbers WHERE id = 4;

-- decimal_averages_of_many_digits
SELECT avg(x), avg(DISTINCT x), avg(x) FILTER (WHERE x > 0), avg(CAST(x AS decimal(20, 2))) FROM (VALUES 99999999999999999.99, 99999999999999999.98, -0.01, -0.01) v (x);

-- decimal_average_in_a_window
SELECT id, avg(c) OVER (ORDER BY id ROWS 1 PRECEDING) FROM numbers ORDER BY id;

-- decimal_average_of_nothing
SELECT avg(c), sum(c) FROM none;

-- decimal_round: halves away from zero
SELECT id, round(c), round(c, 1), truncate(c), floor(c), ceil(c) FROM numbers ORDER BY id;

-- decimal_round_of_literals
SELECT round(2.5), round(-2.5), round(2.45, 1), round(0.5), round(99.99, 1), round(1234.567, -2);

-- decimal_sign_and_abs
SELECT id, abs(c), sign(c), -c FROM numbers ORDER BY id;

-- decimal_comparison
SELECT id FROM numbers WHERE c = e ORDER BY id;

-- decimal_compared_with_double
SELECT id, c = d, c < d, c + d FROM numbers WHERE id IN (1, 2, 11) ORDER BY id;

-- decimal_compared_with_integer
SELECT id FROM numbers WHERE c > 1 AND c <> 2 ORDER BY id;

-- decimal_literals
SELECT 1.5, 0.1, .5, 1., 00.10, 123456789012345678901234567890.12345678, DECIMAL '1.50', DECIMAL '-0.5';

-- decimal_literal_too_long
SELECT 1234567890123456789012345678901234567890.0;

-- decimal_group
SELECT c, count(*) FROM numbers WHERE c BETWEEN -1 AND 1 GROUP BY c;

-- decimal_in
SELECT id FROM numbers WHERE c IN (1.5, 2.50, 0) ORDER BY id;

-- decimal_of_double_column
SELECT id, CAST(d AS decimal(10, 1)) FROM numbers WHERE id IN (1, 2, 3, 6, 10, 11, 12, 13) ORDER BY id;

-- decimal_cast_rounds
SELECT CAST(1.25 AS decimal(2, 1)), CAST(-1.25 AS decimal(2, 1)), CAST(1.005E0 AS decimal(3, 2)), CAST(0.5 AS decimal(1, 0)), CAST(7 AS decimal);

-- decimal_cast_overflow
SELECT CAST(c AS decimal(3, 2)) FROM numbers WHERE id = 4;

-- decimal_cast_of_integer_overflow
SELECT CAST(1000 AS decimal(5, 2));

-- decimal_cast_of_nan
SELECT CAST(d AS decimal(10, 2)) FROM numbers WHERE id = 7;

-- decimal_types
SELECT typeof(c + c), typeof(c * e), typeof(c / e), typeof(c % e), typeof(c + i), typeof(c + b), typeof(c + d) FROM numbers WHERE id = 1;

-- decimal_coalesce
SELECT id, coalesce(c, 0), coalesce(c, 0.001), coalesce(c, i) FROM numbers WHERE id IN (1, 6) ORDER BY id;

-- decimal_case
SELECT CASE WHEN f THEN 1.5 ELSE 10 END, if(f, c, i), greatest(c, 1.555) FROM numbers WHERE id = 1;

-- decimal_as_double
SELECT id, CAST(c AS double), CAST(e AS double), c * 1E0 FROM numbers ORDER BY id;
