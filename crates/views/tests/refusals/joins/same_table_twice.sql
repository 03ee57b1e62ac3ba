SELECT id FROM events JOIN labels ON events.k = labels.k JOIN labels ON labels.k = events.k
----
error: two tables are called `labels`
 --> views/v.sql:1:63
  |
1 | SELECT id FROM events JOIN labels ON events.k = labels.k JOIN labels ON labels.k = events.k
  |                                                               ^^^^^^
  |
  = help: give one of them an alias: labels AS <name>
