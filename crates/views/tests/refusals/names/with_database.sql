SELECT db.events.id FROM events
----
error: a column is written alone or as <table>.<column>
 --> views/v.sql:1:8
  |
1 | SELECT db.events.id FROM events
  |        ^^^^^^^^^^^^
  |
  = help: leave out the names before the table
