SELECT TIMESTAMP '2024-02-29' AS v FROM events
----
error: '2024-02-29' is not a timestamp in UTC with at most milliseconds
 --> views/v.sql:1:18
  |
1 | SELECT TIMESTAMP '2024-02-29' AS v FROM events
  |                  ^^^^^^^^^^^^
  |
  = help: write TIMESTAMP 'YYYY-MM-DD HH:MM:SS' or TIMESTAMP 'YYYY-MM-DD HH:MM:SS.mmm'
