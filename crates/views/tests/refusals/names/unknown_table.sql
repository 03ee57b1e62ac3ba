SELECT e.id FROM events
----
error: no table in FROM is called `e`
 --> views/v.sql:1:8
  |
1 | SELECT e.id FROM events
  |        ^^^^
  |
  = help: use one of: events
