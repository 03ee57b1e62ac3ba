SELECT CAST(s AS date) AS v FROM events
----
error: a text that is no valid date fails the query in Athena
 --> views/v.sql:1:13
  |
1 | SELECT CAST(s AS date) AS v FROM events
  |             ^
  |
  = help: declare the column with that type in pipeline.yaml
