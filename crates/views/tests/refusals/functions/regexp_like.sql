SELECT regexp_like(s, 'a') AS v FROM events
----
error: the function regexp_like, with these arguments, is not known to mean the same in both engines
 --> views/v.sql:1:8
  |
1 | SELECT regexp_like(s, 'a') AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^^
  |
  = help: use abs, floor, ceil, coalesce, nullif, if, concat, length, substr, date_trunc, year, month, day, hour, minute, second, EXTRACT, and the aggregates SUM, COUNT, MIN, MAX, AVG
