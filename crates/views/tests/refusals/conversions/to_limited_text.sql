SELECT CAST(s AS varchar(3)) AS v FROM events
----
error: the type VARCHAR(3) is not available in views
 --> views/v.sql:1:13
  |
1 | SELECT CAST(s AS varchar(3)) AS v FROM events
  |             ^
  |
  = help: use varchar, integer, bigint, double, boolean, timestamp or date
