SELECT count_if(b) AS v FROM events
----
error: count_if: this aggregate is not supported
 --> views/v.sql:1:8
  |
1 | SELECT count_if(b) AS v FROM events
  |        ^^^^^^^^^^^
  |
  = help: use COUNT(*) FILTER (WHERE …), or MIN or MAX of a CASE
