// Exits grouped by reason, trades by instrument and strategy; drawdowns; gross to net.
import type { Group, Report } from "./data";
import { h, panel, smallTable } from "./dom";
import { day, money, number } from "./format";

/** A bar from the middle: right for a gain, left for a loss; `share` from −1 to 1. */
function fromMiddle(share: number): HTMLElement {
  const width = Math.abs(share) * 50;
  return h("span", { class: "mid", "aria-hidden": "true" }, h("i", { class: share < 0 ? "dn" : "up", style: `left:${share < 0 ? 50 - width : 50}%;width:${Math.max(width, 0.5)}%` }));
}

function groups(report: Report, title: string, head: string, list: Group[], note = "closed trades", none = "No trade was closed."): HTMLElement {
  const box = panel(title, note);
  const largest = Math.max(...list.map((one) => Math.abs(one.gain)), 1e-9);
  const heads = [
    { title: head }, { title: "n", right: true }, { title: "Win rate", right: true }, { title: "Mean bars", right: true, class: "nop" },
    { title: "Mean R", right: true, class: "nop" }, { title: "", label: "Size of the gain or loss", class: "nop wide" }, { title: `Net, ${report.quote}`, right: true },
  ];
  const rows = list.map((one) => [
    one.name,
    h("span", {}, number(one.count, 0), one.count < report.few ? h("span", { class: "fa xs" }, " few") : null),
    `${number((100 * one.won) / one.count, 0)} %`,
    number(one.bars, 1),
    one.r === null ? "–" : number(one.r, 2, true),
    fromMiddle(one.gain / largest),
    h("b", { class: one.gain < 0 ? "dn" : "up" }, money(one.gain, true)),
  ]);
  const table = smallTable(heads, rows, title);
  box.body.append(
    list.length
      ? h("div", { class: "over tall", ...(list.length > 9 ? { tabindex: 0, role: "region", "aria-label": `${title}, table` } : {}) }, table)
      : h("p", { class: "none" }, none),
  );
  return box.panel;
}

export function exitsView(report: Report): HTMLElement {
  const list = report.exits.map((one) => ({ name: one.reason, count: one.exits, won: one.won, bars: one.bars, r: one.r, gain: one.net }));
  return groups(report, "Result by exit reason", "Exit reason", list, "exits of whole trades and of parts", "Nothing was closed.");
}

export const instrumentsView = (report: Report): HTMLElement => groups(report, "Result by instrument", "Instrument", report.by_instrument);
export const strategiesView = (report: Report): HTMLElement => groups(report, "Result by strategy", "Strategy", report.by_strategy);

export function drawdownsView(report: Report, show: (from: number, to: number) => void): HTMLElement {
  const box = panel("Deepest drawdowns", "");
  const end = Date.parse(report.sources[0]!.last);
  const rows = report.drawdowns.map((one) => {
    const button = h("button", { type: "button", class: "link" }, day(one.began_at));
    button.addEventListener("click", () => show(one.began_at, one.recovered_at ?? end));
    return [
      h("b", { class: "dn" }, `${number(one.depth)} %`),
      button,
      day(one.deepest_at),
      one.recovered_at === null ? h("span", { class: "wa" }, "not yet") : day(one.recovered_at),
      number(one.days, 0),
    ];
  });
  const heads = [
    { title: "Depth", right: true }, { title: "From" }, { title: "Deepest", class: "nop" }, { title: "Recovered" }, { title: "Days", right: true },
  ];
  box.body.append(rows.length ? smallTable(heads, rows, "Deepest drawdowns") : h("p", { class: "none" }, "Equity was never below a peak."));
  if (rows.length) box.head.append(h("span", { class: "mu s" }, "choose a start to see it"));
  return box.panel;
}

export function costsView(report: Report): HTMLElement {
  const box = panel(`Gross to net, ${report.quote}`, "");
  let level = 0;
  const steps = report.costs.map(({ label, value, total }) => {
    const from = total ? 0 : level;
    const to = total ? value : level + value;
    level = to;
    return { label, value, total, from, to };
  });
  const ends = steps.flatMap(({ from, to }) => [from, to]);
  const low = Math.min(0, ...ends);
  const span = Math.max(0, ...ends) - low || 1;
  const at = (value: number) => ((value - low) / span) * 100;
  const rows = steps.map(({ label, value, total, from, to }) => {
    const left = Math.min(at(from), at(to));
    const width = Math.max(Math.abs(at(to) - at(from)), value === 0 ? 0 : 0.6);
    const kind = total ? "total" : value < 0 ? "dn" : "up";
    return h(
      "div",
      { class: "cost" },
      h("dt", { class: total ? "b st" : "mu" }, label),
      h("dd", {}, h("span", { class: "fall", "aria-hidden": "true" }, h("u", { style: `left:${at(0)}%` }), h("i", { class: kind, style: `left:${left}%;width:${width}%` })), h("span", { class: total ? "b st" : "" }, value === 0 && !total ? money(0) : money(value, true))),
    );
  });
  box.body.append(h("dl", { class: "costs" }, ...rows));
  return box.panel;
}
