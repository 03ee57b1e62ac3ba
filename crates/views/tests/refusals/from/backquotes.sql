SELECT id FROM `events`
----
error: Athena accepts only double quotes around names
 --> views/v.sql:1:16
  |
1 | SELECT id FROM `events`
  |                ^^^^^^^^
  |
  = help: write "events"
