SELECT id FROM events FOR UPDATE
----
error: Athena has no such clause
 --> views/v.sql:1:1
  |
1 | SELECT id FROM events FOR UPDATE
  | ^^^^^^^^^^^^^^^^^^^^^
  |
  = help: leave it out
