SELECT id FROM events JOIN labels ON events.k = labels.k AND level = 1
----
error: the condition of a join is an equality between an expression over the tables before and one over the joined table
 --> views/v.sql:1:62
  |
1 | SELECT id FROM events JOIN labels ON events.k = labels.k AND level = 1
  |                                                              ^^^^^^^^^
  |
  = help: write ON <event's column> = <reference's column> AND …, and move other conditions to WHERE
