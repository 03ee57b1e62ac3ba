SELECT 99999999999999999999 AS v FROM events
----
error: the number is too large for its type
 --> views/v.sql:1:8
  |
1 | SELECT 99999999999999999999 AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a smaller number, or a double such as 1E20
