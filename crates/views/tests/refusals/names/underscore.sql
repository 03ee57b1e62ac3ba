SELECT id AS _id FROM events
----
error: the name `_id` begins with `_`, which is reserved for Twinlake's own columns
 --> views/v.sql:1:14
  |
1 | SELECT id AS _id FROM events
  |              ^^^
  |
  = help: give it another name: AS <name>
