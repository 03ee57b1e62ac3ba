SELECT COUNT(*) FROM events
----
error: an output column needs a name
 --> views/v.sql:1:8
  |
1 | SELECT COUNT(*) FROM events
  |        ^^^^^^^^
  |
  = help: write <expression> AS <name>
