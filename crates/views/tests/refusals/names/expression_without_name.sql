SELECT n + 0 FROM events
----
error: an output column needs a name
 --> views/v.sql:1:8
  |
1 | SELECT n + 0 FROM events
  |        ^^^^^
  |
  = help: write <expression> AS <name>
