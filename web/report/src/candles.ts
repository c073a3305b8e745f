// Candles with fills, the chosen trade, and wires: over the prices or in panes of their own.
import {
  CandlestickSeries,
  createSeriesMarkers,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type Time,
} from "lightweight-charts";
import { makeChart, seconds } from "./chart";
import { numbers, strings, type Instrument, type Report, type Table } from "./data";
import type { Candles, Columns } from "./decode";
import { h, icon, panel, select } from "./dom";
import { phone } from "./equity";
import { Fills } from "./fills";
import { clock, number } from "./format";
import { TradeMark } from "./mark";
import { placeOf } from "./thin";
import { down, onTheme, up } from "./theme";
import { WireLines } from "./wires";

/** Candles loaded into the chart: a window that moves and grows with the visible range. */
const WINDOW = 12_000;
const MOST = 60_000;
const FIRST_LOOK = 180;
const HEIGHT = 380;
const PANE = 84;

export interface Trade {
  instrument: string;
  openedAt: number;
  closedAt: number | null;
  entry: number;
  exit: number;
  words: string;
}

export class CandleView {
  readonly panel: HTMLElement;
  private readonly chart: IChartApi;
  private readonly series: ISeriesApi<"Candlestick">;
  private readonly markers: ISeriesMarkersPluginApi<Time>;
  private readonly mark = new TradeMark();
  private readonly wires: WireLines;
  private readonly legend = h("div", { class: "legend", "aria-hidden": "true" });
  private readonly note = h("p", { class: "hint", role: "status" });
  private readonly picker: HTMLSelectElement;
  private readonly fills: Fills;
  private readonly drawn: Instrument[];
  private instrument: Instrument;
  private candles!: Candles;
  private times = new Float64Array();
  private begin = 0;
  private stop = 0;
  /** The bar of the legend while the pointer is elsewhere. */
  private shownBar = 0;
  private filling = false;

  constructor(
    private readonly report: Report,
    private readonly columns: Columns,
  ) {
    this.drawn = report.instruments.filter((one) => one.candles);
    this.instrument = this.drawn[0]!;
    const box = panel("Chart", "", "chart", "cd");
    this.panel = box.panel;
    const panes = Math.max(...this.drawn.map((one) => report.wires.filter((wire, i) => !wire.over && one.wires?.[i]).length));
    const height = (phone() ? 300 : HEIGHT) + PANE * Math.min(panes, 4);
    const drawing = makeChart(height, "Candles with fills. Arrow keys move, plus and minus zoom, Home shows all.");
    this.chart = drawing.chart;
    this.series = this.chart.addSeries(CandlestickSeries, { priceLineVisible: false, borderVisible: false });
    this.series.attachPrimitive(this.mark);
    this.markers = createSeriesMarkers(this.series, [], { autoScale: false });
    this.wires = new WireLines(this.chart, report.wires, columns, () => this.updateLegend(undefined));
    this.fills = new Fills(report.fills, report.trades);
    this.picker = select("Instrument", this.drawn.map((one) => `${one.name} (${number(one.trades, 0)})`), (i) =>
      this.load(this.drawn[i]!),
    );
    if (this.drawn.length > 1) box.head.append(h("label", { class: "pick" }, "Instrument and its trades ", this.picker));
    const sum = h("span", { class: "mu s nop" }, `${report.timeframe.text} bars, UTC`);
    const all = h("button", { type: "button", class: "btn sm" }, "All bars");
    all.addEventListener("click", () => this.look(-0.015 * this.times.length, this.times.length));
    box.head.append(sum, h("span", { class: "sp" }), all);
    const keys = h(
      "div",
      { class: "keys" },
      this.wires.buttons,
      h("span", { class: "keyed" }, icon("M8 3 13 12H3z", 12), "entry"),
      h("span", { class: "keyed out" }, icon("M8 13 3 4h10z", 12), "exit"),
    );
    box.body.append(keys, this.legend, drawing.box, this.note);
    const paint = () => {
      const [rise, fall] = [up(), down()];
      this.series.applyOptions({ upColor: rise, wickUpColor: rise, downColor: fall, wickDownColor: fall });
      this.refresh();
    };
    drawing.sized(() => this.load(this.instrument));
    paint();
    onTheme(paint);
    this.chart.subscribeCrosshairMove(({ time }) => this.updateLegend(time));
    this.chart.timeScale().subscribeVisibleLogicalRangeChange(() => this.follow());
  }

  /** Move to a trade and mark its entry and exit; returns whether its instrument is drawn. */
  choose(trade: Trade): boolean {
    const instrument = this.drawn.find((one) => one.name === trade.instrument);
    if (!instrument) return false;
    if (instrument !== this.instrument) this.load(instrument);
    const first = this.bar(trade.openedAt);
    const last = trade.closedAt === null ? this.times.length - 1 : this.bar(trade.closedAt);
    this.mark.choose({
      from: seconds(this.times[first]!),
      to: seconds(this.times[last]!),
      entry: trade.entry,
      exit: trade.exit,
    });
    const edge = Math.max(45, (last - first) * 0.6);
    this.look(first - edge, last + edge);
    this.shownBar = last;
    this.updateLegend(undefined);
    this.note.textContent = trade.words;
    return true;
  }

  /** Show a time range of the selected instrument. */
  show(from: number, to: number): void {
    const [first, last] = [this.bar(from), this.bar(to)];
    const edge = (last - first) / 12 + 5;
    this.look(first - edge, last + edge);
  }

  private bar(moment: number): number {
    return Math.min(placeOf(this.times, moment), this.times.length - 1);
  }

  private load(instrument: Instrument): void {
    this.instrument = instrument;
    this.picker.selectedIndex = this.drawn.indexOf(instrument);
    const { account, timeframe } = this.report;
    const steps = this.columns.numbers(instrument.bars ?? account.bars);
    this.times = steps.map((step) => account.first + step * timeframe.ms);
    this.candles = this.columns.candles(instrument.candles!);
    this.wires.load(instrument);
    this.fills.load(instrument.name);
    this.mark.choose(undefined);
    this.note.textContent = "";
    const format = (price: number) => number(price, instrument.decimals);
    this.series.applyOptions({ priceFormat: { type: "custom", formatter: format, minMove: 10 ** -instrument.decimals } });
    const size = this.times.length;
    this.shownBar = size - 1;
    this.stop = 0;
    this.look(Math.max(-1, size - (phone() ? FIRST_LOOK / 3 : FIRST_LOOK)), size + 3);
    this.updateLegend(undefined);
  }

  /** Show a range of bars and move the window to it. */
  private look(first: number, last: number): void {
    this.cover(first, last);
    this.chart.timeScale().setVisibleLogicalRange({ from: first - this.begin, to: last - this.begin });
  }

  /** After a move of the visible range: move the window if its edge is near, and mark the visible fills. */
  private follow(): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range || this.filling) return;
    const [first, last] = [range.from + this.begin, range.to + this.begin];
    const begin = this.begin;
    const near = (last - first) / 2;
    const short = (first - near < this.begin && this.begin > 0) || (last + near > this.stop && this.stop < this.times.length);
    if (short && this.cover(first - near, last + near) && begin !== this.begin) {
      this.chart.timeScale().setVisibleLogicalRange({ from: first - this.begin, to: last - this.begin });
    }
    this.refresh();
  }

  /** Load these bars and as many around them into the chart; returns whether the loaded bars changed. */
  private cover(first: number, last: number): boolean {
    const size = this.times.length;
    const [from, to] = [Math.max(0, Math.floor(first)), Math.min(size, Math.ceil(last) + 1)];
    const wide = to - from > this.stop - this.begin;
    if (this.stop && from >= this.begin && to <= this.stop) return false;
    if (this.stop && wide && this.stop - this.begin >= Math.min(size, MOST)) return false;
    const room = Math.min(size, MOST, Math.max(WINDOW, 3 * (to - from)));
    const begin = Math.round(Math.max(0, Math.min((from + to - room) / 2, size - room)));
    this.filling = true;
    this.fill(begin, begin + room);
    this.filling = false;
    return true;
  }

  private fill(begin: number, stop: number): void {
    [this.begin, this.stop] = [begin, stop];
    const { open, high, low, close } = this.candles;
    const rows = [];
    for (let i = begin; i < stop; i++) {
      rows.push({ time: seconds(this.times[i]!), open: open[i]!, high: high[i]!, low: low[i]!, close: close[i]! });
    }
    this.series.setData(rows);
    this.wires.fill(this.times, begin, stop);
    if (stop - begin < this.times.length && stop - begin >= MOST) {
      this.note.textContent = `${number(MOST, 0)} of ${number(this.times.length, 0)} bars are shown at once; move to see the others.`;
    }
  }

  /** Show the marks of fills while they do not overlap. */
  private refresh(): void {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (!range || !this.times.length) return;
    const last = this.times.length - 1;
    const from = this.times[Math.max(0, Math.min(last, this.begin + Math.floor(range.from)))]!;
    const to = this.times[Math.max(0, Math.min(last, this.begin + Math.ceil(range.to)))]!;
    const spacing = this.chart.timeScale().width() / (range.to - range.from);
    this.markers.setMarkers(this.fills.marks(from, to, spacing));
  }

  private updateLegend(time: Time | undefined): void {
    if (!this.times.length) return;
    const bar = time === undefined ? this.shownBar : this.bar((time as number) * 1000);
    const { decimals } = this.instrument;
    const { open, high, low, close } = this.candles;
    const cell = (name: string, values: Float64Array) =>
      h("span", {}, h("span", { class: "mu" }, name), ` ${number(values[bar]!, decimals)}`);
    this.legend.replaceChildren(
      h("span", { class: "mu" }, `${this.instrument.name} ${clock(this.times[bar]!)} UTC`),
      cell("O", open), cell("H", high), cell("L", low), cell("C", close),
      ...this.wires.legendItems(bar, decimals),
      ...this.fills.legendTexts(this.times[bar]!, decimals).map((words) => h("span", { class: "st" }, words)),
    );
  }
}

/** The trades in the form that the chart uses. */
export function tradesOf(table: Table): (row: number) => Trade {
  const instruments = strings(table, "instrument");
  const [opened, closed] = [numbers(table, "opened_at"), numbers(table, "closed_at")];
  const [entry, exit, gain, share] = ["entry", "exit", "gain", "gain_percent"].map((name) => numbers(table, name));
  const [direction, reason] = [strings(table, "direction"), strings(table, "exit_reason")];
  const number_ = numbers(table, "number");
  return (row) => ({
    instrument: instruments[row]!,
    openedAt: opened[row]!,
    closedAt: Number.isNaN(closed[row]!) ? null : closed[row]!,
    entry: entry![row]!,
    exit: exit![row]!,
    words:
      `Trade ${number_[row]}, ${direction[row]} ${instruments[row]}: ${clock(opened[row]!)} to ` +
      `${clock(closed[row]!) || "the end, still open"} UTC, ${number(gain![row]!, 2, true)} ` +
      `(${number(share![row]!, 2, true)} %), exit reason: ${reason[row]}.`,
  });
}
