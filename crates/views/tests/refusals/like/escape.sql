SELECT s LIKE 'a!%' ESCAPE '!' AS v FROM events
----
error: LIKE with ESCAPE does not mean the same in both engines
 --> views/v.sql:1:28
  |
1 | SELECT s LIKE 'a!%' ESCAPE '!' AS v FROM events
  |                            ^^^
  |
  = help: use comparisons or substr(…)
