SELECT id FROM events WHERE
----
error: the text is not SQL: Expected: an expression, found: EOF
 --> views/v.sql:1:23
  |
1 | SELECT id FROM events WHERE
  |                       ^^^^^
  |
  = help: correct the syntax; docs/views.md shows the shape of a view
