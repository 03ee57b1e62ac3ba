SELECT id FROM events JOIN labels ON events.k = labels.k OR b
----
error: the condition of a join is an equality between an expression over the tables before and one over the joined table
 --> views/v.sql:1:38
  |
1 | SELECT id FROM events JOIN labels ON events.k = labels.k OR b
  |                                      ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write ON <event's column> = <reference's column> AND …, and move other conditions to WHERE
