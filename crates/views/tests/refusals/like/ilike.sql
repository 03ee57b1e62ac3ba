SELECT s ILIKE 'a%' AS v FROM events
----
error: Athena has no such operator
 --> views/v.sql:1:8
  |
1 | SELECT s ILIKE 'a%' AS v FROM events
  |        ^^^^^^^^^^^^
  |
  = help: use LIKE; `lower` in pipeline.yaml makes the case of a column uniform
