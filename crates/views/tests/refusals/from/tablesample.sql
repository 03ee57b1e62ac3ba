SELECT id FROM events TABLESAMPLE BERNOULLI (10)
----
error: a view reads only the stream and reference tables; subqueries and table functions are not supported
 --> views/v.sql:1:16
  |
1 | SELECT id FROM events TABLESAMPLE BERNOULLI (10)
  |                ^^^^^^
  |
  = help: write events or the name of a reference table
