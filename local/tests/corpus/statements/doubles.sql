-- double_values
SELECT id, d, r FROM numbers ORDER BY id;

-- double_division_by_zero
SELECT id, d / 0 FROM numbers ORDER BY id;

-- double_remainder
SELECT id, d % 2, mod(d, -2E0) FROM numbers ORDER BY id;

-- double_remainder_by_zero
SELECT d % 0E0 FROM numbers WHERE id = 1;

-- double_overflow_is_infinity
SELECT d * 2, -d * 2 FROM numbers WHERE id = 4;

-- double_arithmetic_with_infinities
SELECT id, d - d, d + 1, d * 0 FROM numbers ORDER BY id;

-- nan_in_comparisons
SELECT id, d = d, d <> d, d < d, d >= d, d = nan(), d > 1, d < 1, d <= nan() FROM numbers ORDER BY id;

-- nan_in_where
SELECT id FROM numbers WHERE d > 1E0 ORDER BY id;

-- nan_in_negated_where
SELECT id FROM numbers WHERE NOT d > 1E0 ORDER BY id;

-- nan_in_where_equal
SELECT id FROM numbers WHERE d = d ORDER BY id;

-- nan_in_between
SELECT id, d BETWEEN 0 AND 5, d NOT BETWEEN 0 AND 5 FROM numbers ORDER BY id;

-- nan_in_in
SELECT id, d IN (1.5E0, nan()), d NOT IN (1.5E0, 2E0) FROM numbers ORDER BY id;

-- nan_in_in_subquery
SELECT id FROM numbers WHERE d IN (SELECT d FROM numbers WHERE id IN (1, 7)) ORDER BY id;

-- nan_is_distinct_from
SELECT id, d IS DISTINCT FROM nan(), d IS NOT DISTINCT FROM nan() FROM numbers ORDER BY id;

-- nan_in_join
SELECT a.id, b.id FROM numbers a JOIN numbers b ON a.d = b.d WHERE a.id IN (1, 3, 7, 8) ORDER BY 1, 2;

-- nan_in_min_and_max: NaN is the largest and the smallest only where there is nothing else
SELECT min(d), max(d), min(r), max(r) FROM numbers;

-- nan_alone_in_min_and_max
SELECT min(d), max(d) FROM numbers WHERE is_nan(d);

-- nan_in_min_by
SELECT min_by(id, d), max_by(id, d) FROM numbers WHERE d IS NOT NULL;

-- nan_in_sum
SELECT sum(d), avg(d) FROM numbers WHERE id IN (1, 7);

-- infinities_in_sum
SELECT sum(d), avg(d) FROM numbers WHERE id IN (8, 9);

-- nan_in_order
SELECT id, d FROM numbers ORDER BY d, id;

-- nan_in_descending_order
SELECT id, d FROM numbers ORDER BY d DESC, id;

-- nan_in_group: all NaN are one group
SELECT d, count(*) FROM numbers GROUP BY d;

-- nan_in_distinct
SELECT DISTINCT d FROM numbers WHERE id IN (7, 15, 3, 10);

-- nan_in_count_distinct
SELECT count(DISTINCT d), count(d), count(DISTINCT r) FROM numbers;

-- nan_in_union
SELECT d FROM numbers WHERE id = 7 UNION SELECT d FROM numbers WHERE id = 15;

-- nan_in_greatest
SELECT id, greatest(d, 1E0), least(d, 1E0) FROM numbers ORDER BY id;

-- nan_in_case
SELECT id, CASE d WHEN nan() THEN 'nan' WHEN 0 THEN 'zero' ELSE 'other' END FROM numbers ORDER BY id;

-- nan_in_nullif
SELECT nullif(d, nan()) FROM numbers WHERE id = 7;

-- nan_in_window_order
SELECT id, rank() OVER (ORDER BY d) FROM numbers ORDER BY id;

-- negative_zero: equals zero and keeps its sign
SELECT id, d, d = 0, d < 0, -d, abs(d), 1 / d, d + 0E0 FROM numbers WHERE id IN (3, 10) ORDER BY id;

-- negative_zero_in_group
SELECT count(*) FROM numbers WHERE d = 0 GROUP BY d;

-- negative_zero_in_group_values
SELECT abs(d), count(*) FROM numbers WHERE d = 0 GROUP BY d;

-- negative_zero_in_distinct
SELECT count(DISTINCT d) FROM numbers WHERE d = 0;

-- negative_zero_in_in
SELECT id FROM numbers WHERE d IN (0E0) ORDER BY id;

-- negative_zero_in_order
SELECT id FROM numbers WHERE d = 0 ORDER BY d, id;

-- negative_zero_literal
SELECT -0E0, -(0E0), CAST('-0' AS double);

-- negative_zero_in_min_and_max
SELECT abs(min(d)), abs(max(d)) FROM numbers WHERE d = 0;

-- double_functions
SELECT id, floor(d), ceil(d), round(d), truncate(d), sign(d) FROM numbers ORDER BY id;

-- round_of_halves: away from zero
SELECT round(0.5E0), round(1.5E0), round(2.5E0), round(-0.5E0), round(-2.5E0), round(0.49999999999999994E0);

-- round_to_digits
SELECT round(2.345E0, 2), round(-2.345E0, 2), round(1.005E0, 2), round(1234.5E0, -2), round(0.125E0, 2);

-- round_of_extremes
SELECT id, round(d, 2) FROM numbers ORDER BY id;

-- round_of_real
SELECT round(r), round(r, 1) FROM numbers WHERE id IN (1, 2, 11, 12, 13) ORDER BY id;

-- real_and_double: 0.1 as a real is not 0.1 as a double
SELECT r = d, CAST(r AS double), r + d, CAST(d AS real) FROM numbers WHERE id = 11;

-- real_arithmetic
SELECT id, r * 2, r / 3, r + 1 FROM numbers WHERE id IN (1, 4, 7, 10, 11) ORDER BY id;

-- real_and_integer
SELECT r + i, r * b FROM numbers WHERE id IN (1, 2, 11) ORDER BY id;

-- double_sum (approximate)
SELECT sum(d), avg(d) FROM numbers WHERE id IN (1, 2, 3, 11, 12, 13, 14);

-- real_sum (approximate)
SELECT sum(r), avg(r) FROM numbers WHERE id IN (1, 2, 3, 11, 12, 13);

-- double_spread (approximate)
SELECT stddev(d), variance(d), stddev_pop(d), var_pop(d) FROM numbers WHERE id IN (1, 2, 3, 11, 12, 13);

-- double_spread_of_one
SELECT stddev(d), stddev_pop(d), variance(d) FROM numbers WHERE id = 1;

-- square_roots_and_logarithms
SELECT sqrt(4), sqrt(-1), ln(0), ln(-1), log10(1000), log2(8), exp(0), exp(1000), cbrt(27), log(2, 8);

-- trigonometry (approximate)
SELECT sin(1), cos(1), tan(1), asin(1), acos(2), atan(1), atan2(1, -1), degrees(pi()), radians(180);

-- powers
SELECT power(0, 0), power(-8, 1E0 / 3), power(1E308, 2), power(2.5, 2);

-- is_nan_and_its_like
SELECT id, is_nan(d), is_finite(d), is_infinite(d) FROM numbers ORDER BY id;

-- double_literals
SELECT 1E0, 1e-7, 1E7, 123456789E0, 1E22, 1E308, 1E-5, .5E0, 1.E1;

-- double_literal_too_large
SELECT 1E309;

-- double_precision
SELECT 0.1E0 + 0.2E0, 0.1E0 + 0.2E0 = 0.3E0, 1E16 + 1, 9007199254740993;

-- bigint_as_double
SELECT id, CAST(b AS double), b + 0E0 FROM numbers ORDER BY id;

-- integer_compared_with_double
SELECT id FROM numbers WHERE b = d ORDER BY id;

-- division_of_integer_by_double
SELECT 7 / 2E0, 7 / 2, 7 / 2.0, 1E0 / 3, 1 / 3;
