SELECT id FROM events JOIN events f ON events.id = f.id
----
error: the stream cannot be joined to itself: a batch of events does not hold the others
 --> views/v.sql:1:28
  |
1 | SELECT id FROM events JOIN events f ON events.id = f.id
  |                            ^^^^^^^^
  |
  = help: group by the columns that the events share
