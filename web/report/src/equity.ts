// Equity and buy and hold, and below them the drawdown of each.
import {
  BaselineSeries,
  LineSeries,
  LineStyle,
  type LineWidth,
  PriceScaleMode,
  type Time,
} from "lightweight-charts";
import { makeChart, seconds, whole } from "./chart";
import type { Report } from "./data";
import type { Columns } from "./decode";
import { choice, h, panel } from "./dom";
import { clock, day, level, money, number, percent, THIN } from "./format";
import { extremes, placeOf, places } from "./thin";
import { down, faded, ink, onTheme } from "./theme";

const MOST_POINTS = 20_000;
const LOG_FROM = 4;

export interface EquityView {
  panel: HTMLElement;
  /** Show a time range. */
  show(from: number, to: number): void;
}

export function equityView(report: Report, columns: Columns): EquityView {
  const account = report.account;
  const equity = columns.numbers(account.equity);
  const drawdown = columns.numbers(account.drawdown);
  const held = account.held && columns.numbers(account.held);
  const heldDrawdown = account.held_drawdown && columns.numbers(account.held_drawdown);
  const steps = columns.numbers(account.bars);
  const times = steps.map((step) => account.first + step * report.timeframe.ms);
  const all = [equity, drawdown, ...(held && heldDrawdown ? [held, heldDrawdown] : [])];
  const shown = places(all, MOST_POINTS);
  const bars = equity.length;

  const [lowest, highest] = extremes(held ? [equity, held] : [equity]);
  const canLog = lowest > 0;

  const box = panel(`Equity, ${report.quote}`, "and how far it is below its peak, %", "equity", "eq");
  const words =
    `Equity from ${money(account.capital)} to ${money(equity[bars - 1]!)} ${report.quote}` +
    (held ? `, buy and hold to ${money(held[bars - 1]!)}` : "") +
    `, ${day(times[0]!)} to ${day(times[bars - 1]!)} UTC. Arrow keys move, plus and minus zoom, Home shows all.`;
  const drawing = makeChart(phone() ? 300 : 372, words);
  const { chart } = drawing;

  const points = (values: Float64Array) =>
    Array.from(shown, (i) => ({ time: seconds(times[i]!), value: values[i]! }));
  const axis = { priceFormat: { type: "custom", formatter: level, minMove: 0.01 } as const, priceLineVisible: false };
  const below = {
    ...axis,
    priceFormat: { type: "custom", formatter: (v: number) => `${number(v, Math.abs(v) < 10 ? 1 : 0)}${THIN}%`, minMove: 0.01 } as const,
    lastValueVisible: false,
  };
  const thin: LineWidth = 1;
  const heldLine = held && chart.addSeries(LineSeries, { ...axis, lineWidth: thin, crosshairMarkerVisible: false });
  const ownLine = chart.addSeries(LineSeries, { ...axis, lineWidth: 2, crosshairMarkerRadius: 3 });
  const heldBelow = heldDrawdown && chart.addSeries(LineSeries, { ...below, lineWidth: thin, crosshairMarkerVisible: false }, 1);
  const ownBelow = chart.addSeries(
    BaselineSeries,
    { ...below, lineWidth: thin, baseValue: { type: "price", price: 0 }, crosshairMarkerVisible: false },
    1,
  );
  ownLine.createPriceLine({ price: account.capital, color: "", lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false });
  const capital = ownLine.priceLines()[0]!;
  if (held) heldLine?.setData(points(held));
  ownLine.setData(points(equity));
  if (heldDrawdown) heldBelow?.setData(points(heldDrawdown));
  ownBelow.setData(points(drawdown));
  const [top, bottom] = chart.panes();
  top!.setStretchFactor(5);
  bottom!.setStretchFactor(2);
  bottom!.priceScale("right").applyOptions({ scaleMargins: { top: 0.06, bottom: 0.08 } });

  const paint = () => {
    heldLine?.applyOptions({ color: ink("faint") });
    ownLine.applyOptions({ color: ink("accent") });
    capital.applyOptions({ color: ink("line2") });
    heldBelow?.applyOptions({ color: ink("faint") });
    ownBelow.applyOptions({
      topLineColor: down(),
      bottomLineColor: down(),
      topFillColor1: "transparent",
      topFillColor2: "transparent",
      bottomFillColor1: faded("down", 0.22),
      bottomFillColor2: faded("down", 0.22),
    });
  };
  paint();
  onTheme(paint);

  const legend = legendOf(report, held !== undefined);
  const updateLegend = (bar: number) => legend.show(clock(times[bar]!), equity[bar]!, drawdown[bar]!, held?.[bar], heldDrawdown?.[bar]);
  updateLegend(bars - 1);
  chart.subscribeCrosshairMove(({ time }) => updateLegend(barAt(times, time) ?? bars - 1));

  const logNow = canLog && highest > LOG_FROM * lowest;
  const scale = (log: boolean) =>
    chart.priceScale("right", 0).applyOptions({ mode: log ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal });
  scale(logNow);
  box.head.append(h("span", { class: "sp" }));
  if (canLog) box.head.append(choice("Scale of equity", ["Linear", "Log"], logNow ? 1 : 0, (i) => scale(i === 1)));
  box.body.append(legend.element, drawing.box);
  if (shown.length < bars) {
    box.body.append(h("p", { class: "hint" }, `Drawn from ${number(shown.length, 0)} of ${number(bars, 0)} bars; every peak and valley is kept.`));
  }
  drawing.sized(() => whole(chart, shown.length));
  return {
    panel: box.panel,
    show: (from, to) => {
      const edge = (to - from) / 8;
      const moments = shownOf(times, shown);
      const range = { from: placeOf(moments, from - edge) - 1, to: placeOf(moments, to + edge) };
      chart.timeScale().setVisibleLogicalRange({ from: range.from - (range.to - range.from) / 30, to: range.to });
    },
  };
}

export const phone = (): boolean => matchMedia("(max-width: 760px)").matches;

const shownOf = (values: Float64Array, shown: Int32Array): number[] => Array.from(shown, (i) => values[i]!);

function barAt(times: Float64Array, time: Time | undefined): number | undefined {
  if (time === undefined) return undefined;
  return Math.min(placeOf(times, (time as number) * 1000), times.length - 1);
}

function legendOf(report: Report, withHeld: boolean) {
  const when = h("span", { class: "mu" });
  const own = h("b");
  const ownBelow = h("span", { class: "dn" });
  const held = h("b");
  const heldBelow = h("span", { class: "mu" });
  const element = h(
    "div",
    { class: "legend" },
    when,
    h("span", {}, h("i", { class: "key" }), `${report.title} `, own, " ", ownBelow),
    withHeld && h("span", {}, h("i", { class: "key held" }), "Buy and hold ", held, " ", heldBelow),
  );
  return {
    element,
    show(time: string, equity: number, below: number, heldEquity?: number, heldDown?: number) {
      when.textContent = `${time} UTC`;
      own.textContent = money(equity);
      ownBelow.textContent = percent(below);
      ownBelow.className = below < 0 ? "dn" : "mu";
      held.textContent = money(heldEquity ?? null);
      heldBelow.textContent = percent(heldDown ?? null);
    },
  };
}

