SELECT CAST(n AS decimal(10, 2)) AS v FROM events
----
error: the type DECIMAL(10,2) is not available in views
 --> views/v.sql:1:13
  |
1 | SELECT CAST(n AS decimal(10, 2)) AS v FROM events
  |             ^
  |
  = help: use varchar, integer, bigint, double, boolean, timestamp or date
