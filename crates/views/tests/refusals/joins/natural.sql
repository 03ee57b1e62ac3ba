SELECT id FROM events NATURAL JOIN labels
----
error: a join needs a condition with ON
 --> views/v.sql:1:36
  |
1 | SELECT id FROM events NATURAL JOIN labels
  |                                    ^^^^^^
  |
  = help: write ON events.<column> = <reference>.<column>
