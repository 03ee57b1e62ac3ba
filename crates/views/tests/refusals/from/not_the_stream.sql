SELECT id FROM raw
----
error: FROM begins with the stream `events`, not with `raw`
 --> views/v.sql:1:16
  |
1 | SELECT id FROM raw
  |                ^^^
  |
  = help: write FROM events, and join the reference table to it
