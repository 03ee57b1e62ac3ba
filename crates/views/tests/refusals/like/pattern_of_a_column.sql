SELECT s LIKE k AS v FROM events
----
error: the pattern of LIKE must be a constant: the engines escape differently
 --> views/v.sql:1:15
  |
1 | SELECT s LIKE k AS v FROM events
  |               ^
  |
  = help: write the pattern in quotes
