SELECT round(x) AS v FROM events
----
error: round: the engines round halves differently
 --> views/v.sql:1:8
  |
1 | SELECT round(x) AS v FROM events
  |        ^^^^^^^^
  |
  = help: round the result of an aggregate, or round in the queries that read the view; floor(x + 5E-1) rounds to a whole double
