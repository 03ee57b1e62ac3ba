SELECT id AS run FROM events
----
error: the name `run` is taken by the partition column of the batch table
 --> views/v.sql:1:14
  |
1 | SELECT id AS run FROM events
  |              ^^^
  |
  = help: give it another name: AS <name>
