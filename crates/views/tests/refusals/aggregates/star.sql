SELECT SUM(*) AS v FROM events
----
error: sum takes one argument
 --> views/v.sql:1:8
  |
1 | SELECT SUM(*) AS v FROM events
  |        ^^^^^^
  |
  = help: write sum(<expression>)
