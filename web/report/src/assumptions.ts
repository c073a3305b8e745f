// The assumptions of the result, shown before it.
import type { Report } from "./data";
import { h, smallTable } from "./dom";
import { clock, number } from "./format";

/** Letters that fit into a cell; longer values get two. */
const ROOM = 18;

export function assumptionsView(report: Report): HTMLElement {
  const cells = report.assumptions.map(({ label, value, tone }) =>
    h("div", { class: `${tone === "warn" ? "wa" : ""}${value.length > ROOM ? " broad" : ""}`.trim() || null }, h("dt", {}, label), h("dd", {}, value)),
  );
  const several = report.sources.length > 1;
  const details = h(
    "details",
    {},
    h("summary", {}, "Parameters, data and hashes"),
    h("div", { class: "deep" }, parameters(report), h("div", {}, sources(report), several ? null : rules(report), hashes(report))),
  );
  return h(
    "section",
    { class: "panel", id: "assumptions", "aria-label": "Assumptions", tabindex: -1 },
    h("h2", { class: "hide" }, "Assumptions"),
    h("dl", { class: "as" }, ...cells),
    details,
  );
}

function parameters({ params }: Report): HTMLElement {
  const rows = Object.entries(params).flatMap(([node, given]) =>
    Object.entries(given).map(([name, value], i) => [i === 0 ? node : "", name.replaceAll("_", " "), value]),
  );
  const heads = [{ title: "Node" }, { title: "Parameter" }, { title: "Value", right: true }];
  return h("div", {}, h("h3", {}, "Parameters"), h("div", { class: "over", tabindex: 0, role: "region", "aria-label": "Parameters" }, smallTable(heads, rows, "Parameters")));
}

function sources({ sources: list }: Report): HTMLElement {
  const rows = list.map((one) => [
    one.instrument,
    one.kind,
    one.timeframe,
    number(one.bars, 0),
    number(one.holes, 0),
    clock(Date.parse(one.first)),
    clock(Date.parse(one.last)),
    one.source,
    h("span", { class: "mono", title: one.sha256 }, one.sha256.slice(0, 12)),
  ]);
  const heads = [
    { title: "Instrument" }, { title: "Kind" }, { title: "Bars of" }, { title: "Bars", right: true }, { title: "Holes", right: true },
    { title: "First, UTC" }, { title: "Last, UTC" }, { title: "Source" }, { title: "SHA-256" },
  ];
  return h("div", {}, h("h3", {}, "Data"), h("div", { class: "over", tabindex: 0, role: "region", "aria-label": "Data" }, smallTable(heads, rows, "Data")));
}

function rules({ sources: list }: Report): HTMLElement {
  const rows = Object.entries(list[0]?.rules ?? {}).map(([name, value]) => [name.replaceAll("_", " "), value ? String(value) : "none"]);
  return h("div", {}, h("h3", {}, "Rules of orders"), smallTable([{ title: "Rule" }, { title: "Value", right: true }], rows, "Rules of orders"));
}

function hashes(report: Report): HTMLElement {
  const rows = report.hashes.filter((one) => one.value).map((one) => [one.label, h("span", { class: "mono break" }, one.value)]);
  return h("div", {}, h("h3", {}, "Hashes: the same ones give the same result"), smallTable([{ title: "Of" }, { title: "Hash" }], rows, "Hashes"));
}
