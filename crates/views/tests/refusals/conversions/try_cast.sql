SELECT TRY_CAST(s AS integer) AS v FROM events
----
error: only CAST(… AS type) is supported: the engines read malformed numbers differently
 --> views/v.sql:1:17
  |
1 | SELECT TRY_CAST(s AS integer) AS v FROM events
  |                 ^
  |
  = help: use CAST, or declare the column's type and rules in pipeline.yaml
