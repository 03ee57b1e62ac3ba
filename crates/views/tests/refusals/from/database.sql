SELECT id FROM db.events
----
error: tables are written without a database: a view reads those of its own pipeline
 --> views/v.sql:1:16
  |
1 | SELECT id FROM db.events
  |                ^^^^^^^^^
  |
  = help: write the table's name alone
