SELECT k FROM events JOIN labels ON events.k = labels.k
----
error: the column `k` is ambiguous: events and labels have it
 --> views/v.sql:1:8
  |
1 | SELECT k FROM events JOIN labels ON events.k = labels.k
  |        ^
  |
  = help: write events.k
