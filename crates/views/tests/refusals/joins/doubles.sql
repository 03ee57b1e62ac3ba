SELECT id FROM events JOIN labels ON x = factor
----
error: doubles are not joined by equality: the engines match -0.0 and 0.0 differently
 --> views/v.sql:1:38
  |
1 | SELECT id FROM events JOIN labels ON x = factor
  |                                      ^^^^^^^^^^
  |
  = help: join by a text, an integer, a date or a timestamp
