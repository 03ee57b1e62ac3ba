SELECT
  k,
  lower(s) AS v
FROM events
----
error: lower: the engines treat characters beyond ASCII differently
 --> views/v.sql:3:3
  |
3 |   lower(s) AS v
  |   ^^^^^^^^
  |
  = help: declare the column with `lower`, `upper` or `trim` in pipeline.yaml: the decoder then does it, once
