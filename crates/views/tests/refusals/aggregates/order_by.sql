SELECT MAX(n ORDER BY n) AS v FROM events
----
error: clauses within a call are not supported
 --> views/v.sql:1:8
  |
1 | SELECT MAX(n ORDER BY n) AS v FROM events
  |        ^^^^^^^^^^^^^^^^^
  |
  = help: leave them out
