SELECT x + 0.1234567890123456 AS v FROM events
----
error: a decimal of more than 15 digits may become another double in each engine
 --> views/v.sql:1:12
  |
1 | SELECT x + 0.1234567890123456 AS v FROM events
  |            ^^^^^^^^^^^^^^^^^^
  |
  = help: write a double, with an exponent
