SELECT n = 0.5 AS v FROM events
----
error: a number with a point but no exponent is a decimal in Athena and a double in DataFusion
 --> views/v.sql:1:8
  |
1 | SELECT n = 0.5 AS v FROM events
  |        ^^^^^^^
  |
  = help: write it with an exponent, such as 5E-2, or CAST(… AS double)
