SELECT id AS "two words" FROM events
----
error: the name `two words` is not a letter followed by a-z, 0-9 and `_`
 --> views/v.sql:1:14
  |
1 | SELECT id AS "two words" FROM events
  |              ^^^^^^^^^^^
  |
  = help: give it another name: AS <name>
