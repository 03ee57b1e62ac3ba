SELECT k, COUNT(*) AS n FROM events GROUP BY ALL
----
error: this form of GROUP BY is not supported
 --> views/v.sql:1:1
  |
1 | SELECT k, COUNT(*) AS n FROM events GROUP BY ALL
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: list the keys
