SELECT id FROM events AS e (a, b)
----
error: renaming a table's columns is not supported
 --> views/v.sql:1:16
  |
1 | SELECT id FROM events AS e (a, b)
  |                ^^^^^^^^^^^^^^^^^^
  |
  = help: rename them in SELECT: <column> AS <name>
