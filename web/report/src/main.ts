// Opens the report: unpacks the data, then draws section by section.
import { assumptionsView } from "./assumptions";
import { costsView, drawdownsView, exitsView, instrumentsView, strategiesView } from "./breakdown";
import { CandleView, tradesOf } from "./candles";
import { unpack, type Columns } from "./decode";
import type { Report } from "./data";
import { doubtsView } from "./doubts";
import { h } from "./dom";
import { equityView } from "./equity";
import { figuresView } from "./figures";
import { followSections, headerView } from "./header";
import { headlinesView } from "./headlines";
import { monthsView } from "./months";
import { notificationsView } from "./notifications";
import { ordersView } from "./orders";
import { printWell } from "./paper";
import { followSystem } from "./theme";
import { tradesView } from "./trades";

async function open(): Promise<void> {
  const root = document.getElementById("report")!;
  const holder = document.getElementById("data")!;
  if (!("DecompressionStream" in window) || !CSS.supports("color", "color-mix(in srgb, red, blue)")) {
    throw new Error("This browser is too old to open the report; use a release of 2023 or later.");
  }
  const { report, columns } = await unpack(holder.textContent ?? "");
  holder.remove();
  await draw(root, report, columns);
}

async function draw(root: HTMLElement, report: Report, columns: Columns): Promise<void> {
  const [bar, ...titles] = headerView(report);
  const content = h("main", { id: "content", tabindex: -1 }, ...titles);
  root.replaceChildren(bar!, content);
  const equity = equityView(report, columns);
  content.append(
    assumptionsView(report),
    headlinesView(report),
    h("div", { class: "g2" }, h("div", { class: "col" }, equity.panel, monthsView(report)), doubtsView(report)),
  );
  followSystem();
  // The first screen is drawn; the other sections follow without blocking it.
  await new Promise((resolve) => setTimeout(resolve));
  drawRest(content, report, columns, equity.show);
}

function drawRest(content: HTMLElement, report: Report, columns: Columns, showEquity: (from: number, to: number) => void): void {
  const candles = new CandleView(report, columns);
  const trade = tradesOf(report.trades);
  const trades = tradesView(report, (row) => {
    if (candles.choose(trade(row))) reveal(candles.panel);
  });
  const orders = ordersView(report);
  const notifications = report.notifications ? [notificationsView(report.notifications)] : [];
  const drawdowns = drawdownsView(report, (from, to) => {
    showEquity(from, to);
    candles.show(from, to);
    document.getElementById("equity")!.scrollIntoView({ block: "start" });
  });
  const several = report.by_instrument.length > 0;
  const strategies = report.by_strategy.length > 0 ? [strategiesView(report)] : [];
  content.append(
    several
      ? h("div", { class: "g4" }, h("div", { class: "col" }, ...strategies, exitsView(report), drawdowns, costsView(report)), instrumentsView(report))
      : h("div", { class: "g3" }, exitsView(report), drawdowns, costsView(report)),
    candles.panel,
    trades.panel,
    orders.panel,
    ...notifications.map((one) => one.panel),
    figuresView(report),
  );
  printWell([trades.table, ...orders.tables, ...notifications.map((one) => one.table)]);
  followSections();
  document.documentElement.dataset["ready"] = "";
}

/** Scroll so that the chart is visible, with as much of the table below it as fits. */
function reveal(element: HTMLElement): void {
  const { top, bottom } = element.getBoundingClientRect();
  const bar = document.querySelector(".top")?.getBoundingClientRect().bottom ?? 0;
  if (top < bar || bottom > innerHeight) element.scrollIntoView({ block: "start" });
}

open().catch((error: unknown) => {
  const words = `The report could not be opened. ${error instanceof Error ? error.message : String(error)}`;
  document.getElementById("report")!.replaceChildren(h("p", { class: "message", role: "alert" }, words));
});
