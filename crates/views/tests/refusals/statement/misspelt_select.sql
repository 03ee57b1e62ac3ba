SELEC id FROM events
----
error: the text is not SQL: Expected: an SQL statement, found: SELEC
 --> views/v.sql:1:1
  |
1 | SELEC id FROM events
  | ^^^^^
  |
  = help: correct the syntax; docs/views.md shows the shape of a view
