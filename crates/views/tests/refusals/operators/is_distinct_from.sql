SELECT n IS DISTINCT FROM m AS v FROM events
----
error: this expression is not known to mean the same in both engines
 --> views/v.sql:1:8
  |
1 | SELECT n IS DISTINCT FROM m AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^^^
  |
  = help: use columns, constants, operators, CASE, CAST and the functions of docs/views.md
