SELECT abs(s) AS v FROM events
----
error: abs takes a number, not varchar
 --> views/v.sql:1:8
  |
1 | SELECT abs(s) AS v FROM events
  |        ^^^^^^
  |
  = help: convert the argument with CAST
