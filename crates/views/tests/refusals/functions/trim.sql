SELECT trim(s) AS v FROM events
----
error: trim: the engines treat characters beyond ASCII differently
 --> views/v.sql:1:13
  |
1 | SELECT trim(s) AS v FROM events
  |             ^
  |
  = help: declare the column with `lower`, `upper` or `trim` in pipeline.yaml: the decoder then does it, once
