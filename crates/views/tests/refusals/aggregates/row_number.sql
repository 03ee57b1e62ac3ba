SELECT row_number() OVER () AS v FROM events
----
error: window functions cannot be merged
 --> views/v.sql:1:8
  |
1 | SELECT row_number() OVER () AS v FROM events
  |        ^^^^^^^^^^
  |
  = help: use them in the queries that read the view
