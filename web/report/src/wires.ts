// Wires with the candles: each a line that can be shown or hidden, over the prices or in a pane.
import {
  createTextWatermark,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ITextWatermarkPluginApi,
  LineSeries,
  LineStyle,
  type Time,
} from "lightweight-charts";
import { seconds } from "./chart";
import type { Instrument, Wire } from "./data";
import type { Columns } from "./decode";
import { h } from "./dom";
import { level, number } from "./format";
import { ink, onTheme } from "./theme";

const INKS = ["t-cond", "t-order", "plot2", "t-bars", "t-number", "t-series"];

interface Line {
  wire: Wire;
  token: string;
  series: ISeriesApi<"Line"> | ISeriesApi<"Histogram"> | undefined;
  caption: ITextWatermarkPluginApi<Time> | undefined;
  values: Float64Array;
  /** Whether the user lets it be drawn, where the instrument has it. */
  wanted: boolean;
  button: HTMLButtonElement;
  swatch: HTMLElement;
}

export class WireLines {
  readonly buttons = h("div", { class: "wires", role: "group", "aria-label": "Wires that are drawn" });
  private readonly lines: Line[];
  private times: Float64Array = new Float64Array();
  private begin = 0;
  private stop = 0;

  constructor(
    private readonly chart: IChartApi,
    wires: Wire[],
    private readonly columns: Columns,
    private readonly changed: () => void,
  ) {
    this.lines = wires.map((wire, index) => {
      const swatch = h("i", { class: "key" });
      const button = h("button", { type: "button", class: "wire", "aria-pressed": "true", title: wire.title }, swatch, wire.name);
      const token = INKS[index % INKS.length]!;
      const line: Line = { wire, token, series: undefined, caption: undefined, values: new Float64Array(), wanted: true, button, swatch };
      button.addEventListener("click", () => this.toggle(line));
      this.buttons.append(button);
      return line;
    });
    for (const line of this.lines) this.put(line);
    const paint = () => this.lines.forEach((line) => this.paint(line));
    paint();
    onTheme(paint);
  }

  load(instrument: Instrument): void {
    this.lines.forEach((line, index) => {
      const packed = instrument.wires?.[index];
      line.values = packed ? this.columns.numbers(packed) : new Float64Array();
      line.button.hidden = !packed; // of a portfolio, each instrument has the wires of its own strategy
      this.show(line, line.wanted && packed != null);
    });
  }

  fill(times: Float64Array, begin: number, stop: number): void {
    [this.times, this.begin, this.stop] = [times, begin, stop];
    for (const line of this.lines) this.feed(line);
  }

  /** The values at a bar, for the legend. */
  legendItems(bar: number, decimals: number): HTMLElement[] {
    return this.lines
      .filter((line) => line.series)
      .map(({ wire, values, token }) => {
        const value = values[bar];
        const known = value !== undefined && !Number.isNaN(value);
        const words = !known ? "missing" : wire.kind === "condition" ? (value > 0 ? "true" : "false") : wire.over ? number(value, decimals) : level(value);
        return h("span", {}, h("i", { class: "key", style: `background:var(--${token})` }), h("span", { class: "mu" }, wire.name), ` ${words}`);
      });
  }

  private toggle(line: Line): void {
    line.wanted = !line.wanted;
    this.show(line, line.wanted);
    this.feed(line);
    line.button.setAttribute("aria-pressed", String(line.wanted));
    this.changed();
  }

  private show(line: Line, shown: boolean): void {
    if (shown === (line.series !== undefined)) return;
    if (line.series) {
      this.chart.removeSeries(line.series);
      line.series = undefined;
      line.caption = undefined;
    } else {
      this.put(line);
      this.paint(line);
    }
  }

  private put(line: Line): void {
    const { wire } = line;
    const pane = wire.over ? 0 : this.chart.panes().length;
    const shared = { priceLineVisible: false, lastValueVisible: false };
    if (wire.kind === "condition") {
      const format = { type: "custom", formatter: (v: number) => (v > 0.5 ? "true" : ""), minMove: 1 } as const;
      line.series = this.chart.addSeries(HistogramSeries, { ...shared, priceFormat: format }, pane);
    } else {
      const format = wire.over ? {} : { priceFormat: { type: "custom", formatter: level, minMove: 1e-8 } as const };
      line.series = this.chart.addSeries(LineSeries, { ...shared, ...format, lineWidth: wire.over ? 2 : 1, crosshairMarkerRadius: 3 }, pane);
    }
    if (wire.over) return;
    line.caption = createTextWatermark(line.series.getPane(), { horzAlign: "left", vertAlign: "top", lines: [] });
    this.chart.panes().forEach((one, index) => one.setStretchFactor(index === 0 ? 4.5 : wire.kind === "condition" ? 0.7 : 1));
  }

  private feed(line: Line): void {
    if (!line.series) return;
    const rows = [];
    const always = line.wire.kind === "condition";
    const missing = (i: number) => line.values[i] === undefined || Number.isNaN(line.values[i]);
    for (let i = this.begin; i < this.stop; i++) {
      const value = line.values[i]!;
      const time = seconds(this.times[i]!);
      if (missing(i)) rows.push({ time });
      // A line would be drawn across missing values: the piece that begins at the last one before them is not shown.
      else if (!always) rows.push(missing(i + 1) ? { time, value, color: "transparent" } : { time, value });
      else if (value > 0) rows.push({ time, value });
    }
    line.series.setData(rows);
  }

  private paint(line: Line): void {
    const color = ink(line.token);
    line.swatch.style.background = color;
    line.series?.applyOptions({ color });
    if (!line.series || !line.caption) return;
    for (const old of line.series.priceLines()) line.series.removePriceLine(old);
    for (const price of line.wire.between ?? []) {
      line.series.createPriceLine({ price, color: ink("line2"), lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false, title: "" });
    }
    const text = `${line.wire.name}: ${line.wire.title}`;
    line.caption.applyOptions({ lines: [{ text, color: ink("muted"), fontSize: 11 }] });
  }
}
