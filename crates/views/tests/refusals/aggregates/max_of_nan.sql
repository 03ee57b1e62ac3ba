SELECT MAX(x * x - x * x) AS v FROM events
----
error: the argument can be NaN, which the engines order differently
 --> views/v.sql:1:8
  |
1 | SELECT MAX(x * x - x * x) AS v FROM events
  |        ^^^^^^^^^^^^^^^^^^
  |
  = help: exclude zero from divisors: x / nullif(y, 0)
