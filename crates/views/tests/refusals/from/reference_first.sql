SELECT labels.k FROM labels JOIN events ON labels.k = events.k
----
error: FROM begins with the stream `events`, not with `labels`
 --> views/v.sql:1:22
  |
1 | SELECT labels.k FROM labels JOIN events ON labels.k = events.k
  |                      ^^^^^^
  |
  = help: write FROM events, and join the reference table to it
