SELECT s::integer AS v FROM events
----
error: only CAST(… AS type) is supported: the engines read malformed numbers differently
 --> views/v.sql:1:8
  |
1 | SELECT s::integer AS v FROM events
  |        ^
  |
  = help: use CAST, or declare the column's type and rules in pipeline.yaml
