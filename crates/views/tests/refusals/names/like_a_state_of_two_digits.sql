SELECT id AS p12_x FROM events
----
error: the name `p12_x` looks like that of a state, p<number>_<state>
 --> views/v.sql:1:14
  |
1 | SELECT id AS p12_x FROM events
  |              ^^^^^
  |
  = help: give it another name: AS <name>
