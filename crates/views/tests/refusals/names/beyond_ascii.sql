SELECT id AS größe FROM events
----
error: the name `größe` is not a letter followed by a-z, 0-9 and `_`
 --> views/v.sql:1:14
  |
1 | SELECT id AS größe FROM events
  |              ^^^^^
  |
  = help: give it another name: AS <name>
