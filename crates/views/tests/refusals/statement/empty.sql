----
error: the file holds no statement
--> views/v.sql
 = help: write SELECT … FROM events
