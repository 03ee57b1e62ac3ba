SELECT lower(s) AS v FROM events
----
error: lower: the engines treat characters beyond ASCII differently
 --> views/v.sql:1:8
  |
1 | SELECT lower(s) AS v FROM events
  |        ^^^^^^^^
  |
  = help: declare the column with `lower`, `upper` or `trim` in pipeline.yaml: the decoder then does it, once
