"""The services as tools of the Model Context Protocol, for assistants: over stdio, and over HTTP at `/mcp`.

`tools/` has the tools, one file per topic. They read, test and run on paper; none of them sends orders to an exchange.
Only `protocol`, `stdio` and `http` import the SDK, which is an extra.
"""
