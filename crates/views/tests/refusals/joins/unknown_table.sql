SELECT id FROM events JOIN colours ON colours.k = events.k
----
error: `colours` is not a reference table of the pipeline
 --> views/v.sql:1:28
  |
1 | SELECT id FROM events JOIN colours ON colours.k = events.k
  |                            ^^^^^^^
  |
  = help: declare it under `reference` in pipeline.yaml; the declared tables are: labels, days
