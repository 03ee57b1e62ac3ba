SELECT n - m AS v FROM events
----
error: a value beyond bigint fails the query in Athena and wraps around in DataFusion
 --> views/v.sql:1:8
  |
1 | SELECT n - m AS v FROM events
  |        ^^^^^
  |
  = help: declare min and max of the columns in pipeline.yaml, or convert an operand to bigint or double with CAST
