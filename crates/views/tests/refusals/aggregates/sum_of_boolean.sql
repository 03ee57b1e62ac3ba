SELECT SUM(b) AS v FROM events
----
error: sum takes a number, not boolean
 --> views/v.sql:1:8
  |
1 | SELECT SUM(b) AS v FROM events
  |        ^^^^^^
  |
  = help: convert the argument, or use MIN, MAX or COUNT
