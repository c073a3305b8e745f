// The return of each month as a table; its colours repeat the signs.
import type { Report } from "./data";
import { h, panel } from "./dom";
import { number } from "./format";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const toneOf = (value: number | null): string =>
  value === null || Number(value.toFixed(2)) === 0 ? "fa" : value < 0 ? "dn" : "up";

export function monthsView({ months: { years, months, totals } }: Report): HTMLElement {
  const box = panel("Monthly return", "net of costs, percent, UTC", "months");
  const sizes = months.flat().filter((value) => value !== null).map(Math.abs).sort((a, b) => a - b);
  // One extreme month must not make the colours of all others pale.
  const strongest = Math.max(sizes[Math.floor((sizes.length - 1) * 0.95)] ?? 0, 0.01);
  const cell = (value: number | null, extra = "") => {
    if (value === null) return h("td", { class: `r ${extra}` });
    const words = number(value, 2, true);
    if (Number(value.toFixed(2)) === 0) return h("td", { class: `r fa ${extra}` }, words);
    const weight = Math.round(5 + 37 * Math.min(1, Math.abs(value) / strongest));
    const token = value > 0 ? "up" : "down";
    return h("td", { class: `r ${extra}`, style: `background:color-mix(in srgb,var(--${token}) ${weight}%,transparent)` }, words);
  };
  const total = (value: number | null) => h("td", { class: `r b ${toneOf(value)}` }, value === null ? "" : number(value, 2, true));
  const wide = h(
    "table",
    { class: "t mt nop", "aria-label": "Monthly return, percent" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "%"), ...[...MONTHS, "Year"].map((name) => h("th", { scope: "col", class: "r" }, name)))),
    h("tbody", {}, ...years.map((year, i) => h("tr", {}, h("th", { scope: "row" }, String(year)), ...months[i]!.map((value) => cell(value)), total(totals[i]!)))),
  );
  // On a phone the years stand side by side; of many the table scrolls.
  const tall = h(
    "table",
    { class: "t mt", "aria-label": "Monthly return, percent" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "%"), ...years.map((year) => h("th", { scope: "col", class: "r" }, String(year))))),
    h(
      "tbody",
      {},
      ...MONTHS.map((name, month) => h("tr", {}, h("th", { scope: "row" }, name), ...years.map((_, i) => cell(months[i]![month]!)))),
      h("tr", {}, h("th", { scope: "row" }, "Year"), ...years.map((_, i) => total(totals[i]!))),
    ),
  );
  box.body.append(
    years.length ? wide : h("p", { class: "none" }, "There are no bars to compute a return from."),
    h("div", { class: "onlyp over", tabindex: 0, role: "region", "aria-label": "Monthly return, table" }, tall),
  );
  return box.panel;
}
