// Shared by all charts: colours of the theme, times in UTC, keyboard control, and a picture for print.
import {
  ColorType,
  createChart,
  CrosshairMode,
  type DeepPartial,
  type IChartApi,
  LineStyle,
  TickMarkType,
  type Time,
  type TimeChartOptions,
  type UTCTimestamp,
} from "lightweight-charts";
import { h } from "./dom";
import { clock } from "./format";
import { ink, onTheme } from "./theme";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const FONT = 'Inter, "Inter var", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Pixels left free before the first point. */
const AIR = 20;

export const seconds = (ms: number): UTCTimestamp => (ms / 1000) as UTCTimestamp;

function tick(time: Time, kind: TickMarkType): string {
  const date = new Date((time as number) * 1000);
  switch (kind) {
    case TickMarkType.Year:
      return String(date.getUTCFullYear());
    case TickMarkType.Month:
      return MONTHS[date.getUTCMonth()]!;
    case TickMarkType.DayOfMonth:
      return String(date.getUTCDate());
    default:
      return clock((time as number) * 1000).slice(11);
  }
}

function colours(): DeepPartial<TimeChartOptions> {
  const line = { color: ink("faint"), style: LineStyle.Dashed, labelBackgroundColor: ink("chip") };
  return {
    layout: {
      background: { type: ColorType.Solid, color: ink("panel") },
      textColor: ink("muted"),
      panes: { separatorColor: ink("line"), separatorHoverColor: ink("line2") },
    },
    grid: { vertLines: { color: ink("grid") }, horzLines: { color: ink("grid") } },
    crosshair: { vertLine: line, horzLine: line },
    timeScale: { borderColor: ink("line") },
    rightPriceScale: { borderColor: ink("line") },
  };
}

export interface Drawing {
  chart: IChartApi;
  box: HTMLElement;
  /** Replaces the live chart on paper. */
  picture: HTMLElement;
  /** Run a function once the chart has its size; a range that is set earlier is lost. */
  sized(act: () => void): void;
}

const drawings = new Set<Drawing>();

/** A chart in its own element; `label` describes it in a sentence. */
export function makeChart(height: number, label: string): Drawing {
  const live = h("div", { class: "live", style: `height:${height}px` });
  const picture = h("div", { class: "paper" });
  const box = h(
    "div",
    { class: "chart", tabindex: 0, role: "group", "aria-roledescription": "chart", "aria-label": label },
    live,
    picture,
    h("span", { class: "utc", "aria-hidden": "true" }, "UTC"),
  );
  const chart = createChart(live, {
    autoSize: true,
    layout: { fontFamily: FONT, fontSize: 11, attributionLogo: true },
    localization: { locale: "en-GB", timeFormatter: (t: Time) => `${clock((t as number) * 1000)} UTC` },
    crosshair: { mode: CrosshairMode.Magnet },
    timeScale: { tickMarkFormatter: tick, timeVisible: true, secondsVisible: false, minBarSpacing: 0.001 },
    rightPriceScale: { minimumWidth: 66 },
    handleScroll: { vertTouchDrag: false, mouseWheel: false },
    handleScale: { mouseWheel: false, axisPressedMouseMove: true },
  });
  chart.applyOptions(colours());
  onTheme(() => chart.applyOptions(colours()));
  byKeys(box, chart);
  byWheel(live, chart);
  const drawing = { chart, box, picture, sized: (act: () => void) => whenSized(live, act) };
  drawings.add(drawing);
  return drawing;
}

function whenSized(live: HTMLElement, act: () => void): void {
  if (live.clientWidth) return act();
  const observer = new ResizeObserver(() => {
    if (!live.clientWidth) return;
    observer.disconnect();
    act();
  });
  observer.observe(live);
}

/** Arrows move, plus and minus zoom, Home shows all. */
function byKeys(box: HTMLElement, chart: IChartApi): void {
  box.addEventListener("keydown", (event) => {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (!range || event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const width = range.to - range.from;
    const moves: Record<string, () => void> = {
      ArrowLeft: () => chart.timeScale().setVisibleLogicalRange({ from: range.from - width / 10, to: range.to - width / 10 }),
      ArrowRight: () => chart.timeScale().setVisibleLogicalRange({ from: range.from + width / 10, to: range.to + width / 10 }),
      "+": () => zoom(chart, 0.8),
      "=": () => zoom(chart, 0.8),
      "-": () => zoom(chart, 1.25),
      Home: () => chart.timeScale().fitContent(),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
}

/** The wheel scrolls the page; with Ctrl (a pinch on most trackpads) it zooms, sideways it moves. */
function byWheel(live: HTMLElement, chart: IChartApi): void {
  live.addEventListener(
    "wheel",
    (event) => {
      const range = chart.timeScale().getVisibleLogicalRange();
      if (!range) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const place = (event.clientX - live.getBoundingClientRect().left) / chart.timeScale().width();
        zoom(chart, Math.exp(event.deltaY / 300), Math.min(1, Math.max(0, place)));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const shift = (event.deltaX / chart.timeScale().width()) * (range.to - range.from);
        chart.timeScale().setVisibleLogicalRange({ from: range.from + shift, to: range.to + shift });
      }
    },
    { passive: false },
  );
}

/** The range of all points, with a margin so that the first label is not cut. */
export function whole(chart: IChartApi, points: number): void {
  const air = (AIR / Math.max(chart.timeScale().width(), AIR)) * points;
  chart.timeScale().setVisibleLogicalRange({ from: -air, to: points - 1 + air / 4 });
}

export function zoom(chart: IChartApi, factor: number, place = 0.5): void {
  const range = chart.timeScale().getVisibleLogicalRange();
  if (!range) return;
  const width = range.to - range.from;
  const middle = range.from + width * place;
  chart.timeScale().setVisibleLogicalRange({ from: middle - width * place * factor, to: middle + width * (1 - place) * factor });
}

/** Pictures of all charts for print, in the current theme. */
export function picturesForPaper(): void {
  for (const { chart, picture } of drawings) picture.replaceChildren(chart.takeScreenshot());
}

export function withoutPictures(): void {
  for (const { picture } of drawings) picture.replaceChildren();
}
