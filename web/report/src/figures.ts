// All figures with their formulas.
import type { Metric, Report } from "./data";
import { h, panel } from "./dom";
import { figure } from "./format";

const GROUPS: Record<string, string> = {
  returns: "Returns",
  risk: "Risk",
  drawdown: "Drawdown",
  trades: "Trades",
  execution: "Execution",
  benchmark: "Benchmark",
};

export function figuresView(report: Report): HTMLElement {
  const box = panel("All figures", "open one for its formula", "figures");
  const groups = new Map<string, Metric[]>();
  for (const metric of report.metrics) groups.set(metric.group, [...(groups.get(metric.group) ?? []), metric]);
  const cells = [...groups].map(([name, metrics]) =>
    h("div", { class: "fg" }, h("h3", {}, GROUPS[name] ?? name), ...metrics.map((metric) => row(metric, report.quote))),
  );
  box.body.append(h("div", { class: "figs" }, ...cells));
  return box.panel;
}

function row(metric: Metric, quote: string): HTMLElement {
  const [first, ...rest] = metric.help.split("\n\n");
  return h(
    "details",
    { class: "fig" },
    h("summary", {}, h("span", {}, metric.title), h("b", { class: metric.value === null ? "fa" : null }, figure(metric.value, metric.unit, quote))),
    h("p", {}, (first ?? "").replaceAll("\n", " ")),
    ...rest.map((text) => h("p", { class: "mu" }, text.replaceAll("\n", " "))),
    h("p", { class: "fa xs" }, `In JSON and Python: stats["${metric.name}"]`),
  );
}
