SELECT COUNT() AS v FROM events
----
error: count takes one argument
 --> views/v.sql:1:8
  |
1 | SELECT COUNT() AS v FROM events
  |        ^^^^^
  |
  = help: write count(<expression>)
