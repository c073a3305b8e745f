"""What the server can do, without the web: functions over `Services` that take the caller and plain values.

`server` translates requests into calls of these functions, and `cli` and agents may call them as well. Work that takes
long is a job (`jobs`, done by `runner`) or is done by a child process (`pool`); `work` has the functions that run in
these processes, `kinds` the kinds of jobs.
"""
