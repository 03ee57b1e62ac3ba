SELECT events.id FROM events e
----
error: no table in FROM is called `events`
 --> views/v.sql:1:8
  |
1 | SELECT events.id FROM events e
  |        ^^^^^^^^^
  |
  = help: use one of: e
