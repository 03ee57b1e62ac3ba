SELECT date_trunc('week', t) AS v FROM events
----
error: this unit of time is not known to mean the same in both engines
 --> views/v.sql:1:19
  |
1 | SELECT date_trunc('week', t) AS v FROM events
  |                   ^^^^^^
  |
  = help: use year, month, day, hour, minute or second
