"""What the server keeps: users, strategies, runs, jobs, settings and the audit log, in SQLite or PostgreSQL.

`engine` opens a database, `tables` has its tables, `migrations` how they changed. The other files have the queries, by
topic: functions whose first argument is a session. A function that reads or changes what belongs to a user takes the
owner as an argument and finds nothing else.
"""
