SELECT id FROM events; SELECT id FROM events
----
error: a view is exactly one statement
 --> views/v.sql:1:24
  |
1 | SELECT id FROM events; SELECT id FROM events
  |                        ^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write one SELECT in each file
