SELECT X'00' AS v FROM events
----
error: this kind of constant does not mean the same in both engines
 --> views/v.sql:1:8
  |
1 | SELECT X'00' AS v FROM events
  |        ^^^^^
  |
  = help: write 'text', 42, 5E-1, TRUE, NULL, DATE '…' or TIMESTAMP '…'
