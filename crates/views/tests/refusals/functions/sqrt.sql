SELECT sqrt(x) AS v FROM events
----
error: sqrt: the root of a negative number is NaN in Athena and fails the statement in DataFusion
 --> views/v.sql:1:8
  |
1 | SELECT sqrt(x) AS v FROM events
  |        ^^^^^^^
  |
  = help: take the root of an aggregate, or take it in the queries that read the view
