SELECT id FROM events UNION ALL SELECT id FROM events
----
error: a view is one SELECT; UNION, INTERSECT, EXCEPT, VALUES and queries in parentheses are not supported
 --> views/v.sql:1:1
  |
1 | SELECT id FROM events UNION ALL SELECT id FROM events
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a view for each SELECT
