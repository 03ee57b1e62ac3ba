SELECT id, k AS ID FROM events
----
error: two output columns are called `id`
 --> views/v.sql:1:17
  |
1 | SELECT id, k AS ID FROM events
  |                 ^^
  |
  = help: give one of them another name: AS <name>
