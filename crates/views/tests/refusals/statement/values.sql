VALUES (1)
----
error: a view is one SELECT; UNION, INTERSECT, EXCEPT, VALUES and queries in parentheses are not supported
 --> views/v.sql:1:8
  |
1 | VALUES (1)
  |        ^^^
  |
  = help: write a view for each SELECT
