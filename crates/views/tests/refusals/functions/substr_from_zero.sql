SELECT substr(s, 0) AS v FROM events
----
error: this argument must be a constant integer from 1 on: the engines treat others differently
 --> views/v.sql:1:18
  |
1 | SELECT substr(s, 0) AS v FROM events
  |                  ^
  |
  = help: write a number from 1 to 2147483647
