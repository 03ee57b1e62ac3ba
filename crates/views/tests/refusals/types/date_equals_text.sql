SELECT d = '2024-02-29' AS v FROM events
----
error: date and varchar have no common type in Athena
 --> views/v.sql:1:8
  |
1 | SELECT d = '2024-02-29' AS v FROM events
  |        ^^^^^^^^^^^^^^^^
  |
  = help: write dates as DATE 'YYYY-MM-DD'
