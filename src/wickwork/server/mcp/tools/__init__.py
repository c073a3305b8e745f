"""The tools, one file per topic. Each function with `@tool` is one."""
