SELECT date_trunc('day', s) AS v FROM events
----
error: the function takes a timestamp or a date, not varchar
 --> views/v.sql:1:26
  |
1 | SELECT date_trunc('day', s) AS v FROM events
  |                          ^
  |
  = help: declare the column as timestamp or date in pipeline.yaml
