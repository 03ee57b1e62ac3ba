SELECT DATE '2024-2-3' AS v FROM events
----
error: '2024-2-3' is not a date
 --> views/v.sql:1:13
  |
1 | SELECT DATE '2024-2-3' AS v FROM events
  |             ^^^^^^^^^^
  |
  = help: write DATE 'YYYY-MM-DD'
