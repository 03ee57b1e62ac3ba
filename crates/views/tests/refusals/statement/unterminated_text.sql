SELECT 'open FROM events
----
error: the text is not SQL: Unterminated string literal
 --> views/v.sql:1:8
  |
1 | SELECT 'open FROM events
  |        ^
  |
  = help: correct the syntax; docs/views.md shows the shape of a view
