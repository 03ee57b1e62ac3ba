-- text_values
SELECT id, s, k FROM texts ORDER BY id;

-- text_order: by code points, U+FF5E before U+1F600
SELECT id, s FROM texts ORDER BY s, id;

-- text_descending_order
SELECT id, k FROM texts ORDER BY k DESC, id;

-- text_order_beyond_the_bmp
SELECT '～' < '😀', 'Z' < 'a', 'z' < 'ä', '' < ' ', 'a' < 'ab', '10' < '9';

-- text_comparison
SELECT id, s = k, s < k, s > k FROM texts ORDER BY id;

-- text_min_and_max
SELECT min(s), max(s), min(k), max(k) FROM texts;

-- text_group: by code points, composed and decomposed letters differ
SELECT k, count(*), min(id) FROM texts GROUP BY k;

-- trailing_spaces_count
SELECT 'abc' = 'abc ', '' = ' ', 'abc ' > 'abc';

-- empty_text_is_not_null
SELECT '' IS NULL, '' = '', length(''), coalesce('', 'x');

-- length_in_code_points
SELECT id, length(s), length(k) FROM texts ORDER BY id;

-- length_of_bytes
SELECT id, length(to_utf8(s)) FROM texts ORDER BY id;

-- lower
SELECT id, lower(s), lower(k) FROM texts ORDER BY id;

-- upper
SELECT id, upper(s), upper(k) FROM texts ORDER BY id;

-- trim
SELECT id, trim(s), ltrim(s), rtrim(s), length(trim(k)) FROM texts WHERE id IN (1, 5, 6, 22, 24, 28) ORDER BY id;

-- trim_of_characters
SELECT trim(BOTH 'x' FROM 'xxaxx'), trim(LEADING 'x' FROM 'xxaxx'), trim(TRAILING FROM 'a  '), trim('a  b ', ' b');

-- trim_of_white_space
SELECT length(trim(chr(9) || 'a' || chr(10))), length(trim(chr(160) || 'a')), length(trim(chr(8195) || 'a'));

-- concatenation
SELECT id, s || k, concat(s, '-', k), s || '' FROM texts WHERE id < 12 ORDER BY id;

-- concatenation_with_null
SELECT 'a' || NULL, concat('a', NULL, 'b'), concat_ws(',', 'a', NULL, 'b');

-- concatenation_with_number
SELECT s || 1 FROM texts;

-- concat_of_numbers
SELECT concat(1, 2);

-- concat_of_one
SELECT concat('a');

-- substr
SELECT id, substr(s, 2), substr(s, 1, 2), substr(s, -1), substr(s, -2, 1) FROM texts ORDER BY id;

-- substr_at_the_edges
SELECT substr('abc', 0), substr('abc', 4), substr('abc', -4), substr('abc', 2, 100), substr('abc', 2, 0), substr('abc', 2, -1);

-- substring_from_for
SELECT substring('a😀bc' FROM 2 FOR 2), substring('abc' FROM 2), substring('abc', 1, 1);

-- like_patterns
SELECT id, s LIKE 'a%', s LIKE '_', s LIKE '%b%', s LIKE '__b', s NOT LIKE 'a%' FROM texts ORDER BY id;

-- like_beyond_ascii
SELECT id FROM texts WHERE s LIKE '_😀_' OR s LIKE '日%' ORDER BY id;

-- like_crosses_lines
SELECT id FROM texts WHERE s LIKE 'two%' ORDER BY id;

-- like_with_escape
SELECT id FROM texts WHERE s LIKE 'a\%b' ESCAPE '\' ORDER BY id;

-- like_with_another_escape
SELECT 'a_b' LIKE 'a#_b' ESCAPE '#', 'axb' LIKE 'a#_b' ESCAPE '#', 'a#b' LIKE 'a##b' ESCAPE '#';

-- like_backslash_without_escape: a backslash is a character like any other
SELECT id FROM texts WHERE s LIKE 'a\b' ORDER BY id;

-- like_column_as_pattern
SELECT id FROM texts WHERE s LIKE k ESCAPE '\' ORDER BY id;

-- like_with_bad_escape
SELECT 'abc' LIKE 'a\bc' ESCAPE '\';

-- like_with_escape_at_the_end
SELECT 'abc' LIKE 'abc\' ESCAPE '\';

-- like_with_long_escape
SELECT 'abc' LIKE 'abc' ESCAPE 'xx';

-- like_null
SELECT NULL LIKE 'a', 'a' LIKE NULL, s LIKE NULL FROM texts WHERE id = 1;

-- like_of_number
SELECT id FROM numbers WHERE i LIKE '1%';

-- ilike_is_unknown
SELECT 'A' ILIKE 'a';

-- replace_and_reverse
SELECT id, replace(s, 'b', 'xy'), replace(s, 'a'), reverse(s) FROM texts ORDER BY id;

-- replace_of_nothing
SELECT replace('abc', '', '-'), replace('', '', '-');

-- strpos_and_position
SELECT strpos('a😀b', 'b'), strpos('abc', ''), strpos('abc', 'x'), position('b' IN 'abc');

-- padding
SELECT lpad('7', 3, '0'), rpad('abc', 2, 'x'), lpad('é', 3, '😀'), lpad('abc', 5, 'xy');

-- split_and_parts
SELECT split_part('a,b,,c', ',', 2), split_part('a,b', ',', 3), split_part('a,b,,c', ',', 3), split('a,b,,c', ','), split('abc', ',');

-- split_with_limit
SELECT split('a,b,c', ',', 2);

-- split_part_at_zero
SELECT split_part('a,b', ',', 0);

-- starts_with
SELECT id FROM texts WHERE starts_with(s, 'a') ORDER BY id;

-- ends_with
SELECT id FROM texts WHERE ends_with(s, 'b') ORDER BY id;

-- chr_and_codepoint
SELECT chr(128512), codepoint('é'), codepoint('😀'), chr(65);

-- codepoint_of_two
SELECT codepoint('ab');

-- translate
SELECT translate('abcd', 'ab', 'xy'), translate('abcd', 'abc', 'x'), translate('äöü', 'ö', 'o');

-- regular_expressions
SELECT id, regexp_like(s, '^a.b$'), regexp_extract(s, '[0-9]+'), regexp_replace(s, '[ab]', '<$0>') FROM texts ORDER BY id;

-- regular_expression_groups
SELECT regexp_extract('k=v', '(\w)=(\w)', 2), regexp_replace('k=v', '(\w)=(\w)', '$2=$1'), regexp_extract_all('a1b2', '\d'), regexp_count('a1b2', '\d');

-- regular_expression_without_match
SELECT regexp_extract('abc', 'x'), regexp_replace('abc', 'x', 'y'), regexp_like('abc', 'x'), regexp_like('abc', '');

-- regular_expression_group_without_part
SELECT regexp_extract('x', '(y)?x', 1), regexp_extract('x', '(y*)x', 1);

-- regular_expression_split
SELECT regexp_split('a1b22c', '\d+');

-- bad_regular_expression
SELECT regexp_like('abc', '(');

-- length_of_literals: text keeps its length as type
SELECT 'abc', 'ä', '', CASE WHEN true THEN 'a' ELSE 'bcd' END, coalesce(NULL, 'ab'), 'a' || 'b', upper('abc'), substr('abc', 1, 1);

-- text_quotes
SELECT 'it''s', '"', 'a\nb', '\', U&'\00e9', '''';

-- text_functions_on_numbers
SELECT length(12);

-- upper_of_a_number
SELECT upper(i) FROM numbers;

-- text_in
SELECT id FROM texts WHERE s IN ('abc', '', 'é') ORDER BY id;

-- text_between
SELECT id FROM texts WHERE s BETWEEN 'a' AND 'b' ORDER BY id;

-- text_distinct
SELECT count(DISTINCT s), count(DISTINCT lower(s)), approx_distinct(k) FROM texts;

-- normalize
SELECT normalize('e' || chr(769)) = 'é', length(normalize('e' || chr(769)));

-- levenshtein_and_hamming
SELECT levenshtein_distance('kitten', 'sitting'), hamming_distance('abc', 'abd');

-- hashes
SELECT to_hex(md5(to_utf8('abc'))), to_hex(sha256(to_utf8(''))), from_hex('6162'), to_base64(to_utf8('é'));

-- format_function
SELECT format('%s-%d', 'a', 7), format('%.2f', 1.005E0), format('%05d', 42), format('%,d', 1234567);

-- url_functions
SELECT url_extract_host('https://a.example:80/p?q=1#f'), url_extract_parameter('https://a/p?q=1', 'q'), url_encode('a b&c'), url_decode('a%20b');

-- to_char_is_teradata
SELECT to_hex(12);
