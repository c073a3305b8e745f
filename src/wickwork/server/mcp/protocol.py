"""The server of the protocol, for one caller. This imports the SDK."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from mcp.server.lowlevel.server import Server
from mcp_types import CallToolRequestParams, CallToolResult, ListToolsResult, TextContent, ToolAnnotations
from mcp_types import Tool as Listed

from wickwork.server.mcp.calling import call
from wickwork.server.mcp.registry import all_tools, tools_for
from wickwork.server.mcp.tool import On, Tool
from wickwork.services.access import Access

INSTRUCTIONS = (
    "Wickwork tests trading strategies. A strategy is a graph of nodes, as JSON. Begin with list_templates and "
    "get_template, or list_nodes; check_graph finds faults; run_backtest gives a run, read_report its figures and "
    "reasons for doubt, compare_runs several runs side by side, explain_bar why a bar did or did not trade. "
    "data='demo' is a made-up market, good for trying things out and no evidence. These tools read, test and run on "
    "paper; real orders are not possible here."
)


def make_server(on: On) -> Server[Any]:
    """A server whose tools are those that the caller may use."""

    async def list_tools(_: Any, __: Any) -> ListToolsResult:
        return ListToolsResult(tools=[_listed(one) for one in tools_for(on.caller)])

    async def call_tool(_: Any, asked: CallToolRequestParams) -> CallToolResult:
        text, is_error = await call(on, asked.name, asked.arguments or {})
        return CallToolResult(content=[TextContent(type="text", text=text)], is_error=is_error)

    return Server(
        "wickwork",
        version=version("wickwork"),
        title="Wickwork",
        instructions=INSTRUCTIONS,
        get_tool_input_schema=lambda name: all_tools()[name].schema if name in all_tools() else None,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _listed(one: Tool) -> Listed:
    hints = ToolAnnotations(read_only_hint=one.access is Access.READ, destructive_hint=False, open_world_hint=False)
    return Listed(name=one.name, description=one.help, input_schema=one.schema, annotations=hints)
