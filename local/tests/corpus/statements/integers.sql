-- integer_limits: every type of integer at its limits
SELECT id, t, s, i, b FROM numbers ORDER BY id;

-- integer_addition_overflow
SELECT i + 1 FROM numbers WHERE id = 4;

-- integer_subtraction_overflow
SELECT i - 1 FROM numbers WHERE id = 5;

-- integer_multiplication_overflow
SELECT i * 2 FROM numbers WHERE id = 4;

-- integer_negation_overflow
SELECT -i FROM numbers WHERE id = 5;

-- tinyint_addition_overflow: the sum of two tinyints is a tinyint
SELECT t + t FROM numbers WHERE id = 4;

-- smallint_multiplication_overflow
SELECT s * s FROM numbers WHERE id = 4;

-- bigint_addition_overflow
SELECT b + 1 FROM numbers WHERE id = 4;

-- bigint_subtraction_overflow
SELECT b - 1 FROM numbers WHERE id = 5;

-- bigint_multiplication_overflow
SELECT b * b FROM numbers WHERE id = 5;

-- bigint_negation_overflow
SELECT -b FROM numbers WHERE id = 5;

-- abs_of_least_integer
SELECT abs(i) FROM numbers WHERE id = 5;

-- abs_of_integers
SELECT id, abs(t), abs(s), abs(i), abs(b) FROM numbers WHERE id <> 5 ORDER BY id;

-- sum_of_types: narrower integers widen to the wider one's type
SELECT id, t + s, s + i, i + b, t + b FROM numbers WHERE id NOT IN (4, 5) ORDER BY id;

-- literal_integer_overflow
SELECT 2147483647 + 1;

-- literal_beyond_integer: a literal that no integer holds is a bigint
SELECT 2147483648, -2147483648, 9223372036854775807;

-- literal_least_bigint: the minus sign is no part of the literal
SELECT -9223372036854775808;

-- literal_beyond_bigint
SELECT 9223372036854775808;

-- integer_division: truncates towards zero
SELECT id, i / 2, i / -2, i / 3, b / 7 FROM numbers ORDER BY id;

-- division_of_least_by_minus_one
SELECT i / -1 FROM numbers WHERE id = 5;

-- bigint_division_of_least_by_minus_one
SELECT b / -1 FROM numbers WHERE id = 5;

-- integer_remainder: has the sign of the dividend
SELECT id, i % 3, i % -3, b % 7, mod(i, 2) FROM numbers ORDER BY id;

-- integer_division_by_zero
SELECT i / 0 FROM numbers WHERE id = 1;

-- integer_remainder_by_zero
SELECT i % 0 FROM numbers WHERE id = 1;

-- integer_division_by_zero_of_a_column
SELECT id, 10 / i FROM numbers ORDER BY id;

-- division_by_null
SELECT i / CAST(NULL AS integer), i % CAST(NULL AS integer) FROM numbers WHERE id = 1;

-- division_of_no_rows_by_zero: what is not computed does not fail
SELECT id / 0 FROM none;

-- division_by_zero_of_constants_over_no_rows
SELECT 1 / 0 FROM none;

-- division_by_nullif_zero
SELECT id, 10 / nullif(i, 0) FROM numbers ORDER BY id;

-- case_guards_division
SELECT id, CASE WHEN i <> 0 THEN 10 / i END FROM numbers ORDER BY id;

-- unary_plus_and_minus
SELECT +i, - -i, -(-i) FROM numbers WHERE id = 2;

-- precedence
SELECT 2 + 3 * 4, (2 + 3) * 4, 2 - 3 - 4, 100 / 10 / 5, -7 / 2 * 2, 7 % 4 * 2;

-- bitwise
SELECT bitwise_and(6, 3), bitwise_or(6, 3), bitwise_xor(6, 3), bitwise_not(0);

-- sign_of_integers
SELECT id, sign(i), sign(b) FROM numbers ORDER BY id;

-- integer_sum_overflow
SELECT sum(b) FROM numbers WHERE b > 0;

-- integer_sum_within_bigint: integers add up to a bigint
SELECT sum(t), sum(s), sum(i), sum(i) * 2 FROM numbers;

-- power_of_integers
SELECT power(2, 10), pow(2, -1), power(2, 63);

-- tinyint_column_and_literal
SELECT t + 1, t * 1000 FROM numbers WHERE id = 4;

-- integers_from_text_refused
SELECT i + '1' FROM numbers;

-- width_of_case_results
SELECT CASE WHEN f THEN t ELSE b END, if(f, t, 1) FROM numbers WHERE id < 3 ORDER BY id;
