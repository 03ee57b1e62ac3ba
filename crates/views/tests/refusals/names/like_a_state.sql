SELECT id AS p0_sum FROM events
----
error: the name `p0_sum` looks like that of a state, p<number>_<state>
 --> views/v.sql:1:14
  |
1 | SELECT id AS p0_sum FROM events
  |              ^^^^^^
  |
  = help: give it another name: AS <name>
