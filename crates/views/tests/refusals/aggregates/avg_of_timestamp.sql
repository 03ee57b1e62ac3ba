SELECT AVG(t) AS v FROM events
----
error: avg takes a number, not timestamp(3)
 --> views/v.sql:1:8
  |
1 | SELECT AVG(t) AS v FROM events
  |        ^^^^^^
  |
  = help: convert the argument, or use MIN, MAX or COUNT
