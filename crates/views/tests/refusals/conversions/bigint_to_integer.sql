SELECT CAST(big AS integer) AS v FROM events
----
error: a value beyond integer fails the query in Athena
 --> views/v.sql:1:13
  |
1 | SELECT CAST(big AS integer) AS v FROM events
  |             ^^^
  |
  = help: keep the bigint, or declare min and max of its columns in pipeline.yaml
