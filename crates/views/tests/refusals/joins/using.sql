SELECT id FROM events JOIN labels USING (k)
----
error: a join needs a condition with ON
 --> views/v.sql:1:28
  |
1 | SELECT id FROM events JOIN labels USING (k)
  |                            ^^^^^^
  |
  = help: write ON events.<column> = <reference>.<column>
