// The chosen trade on the candles: a band over its time and a dashed line from entry to exit.
import type {
  IChartApi,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from "lightweight-charts";
import { ink } from "./theme";

type Draw = Parameters<IPrimitivePaneRenderer["draw"]>[0];

export interface Chosen {
  from: Time;
  to: Time;
  entry: number;
  exit: number;
}

export class TradeMark implements ISeriesPrimitive<Time> {
  private chart?: IChartApi;
  private series?: ISeriesApi<"Candlestick">;
  private update: (() => void) | undefined;
  private chosen: Chosen | undefined;

  attached({ chart, series, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.chart = chart as IChartApi;
    this.series = series as ISeriesApi<"Candlestick">;
    this.update = requestUpdate;
  }

  choose(chosen: Chosen | undefined): void {
    this.chosen = chosen;
    this.update?.();
  }

  paneViews(): IPrimitivePaneView[] {
    return [
      { zOrder: () => "bottom", renderer: () => ({ draw: (target) => this.band(target) }) },
      { zOrder: () => "top", renderer: () => ({ draw: (target) => this.line(target) }) },
    ];
  }

  private spots(): { x1: number; x2: number; y1: number; y2: number } | undefined {
    const { chart, series, chosen } = this;
    if (!chart || !series || !chosen) return undefined;
    const x1 = chart.timeScale().timeToCoordinate(chosen.from);
    const x2 = chart.timeScale().timeToCoordinate(chosen.to);
    const y1 = series.priceToCoordinate(chosen.entry);
    const y2 = series.priceToCoordinate(chosen.exit);
    return x1 === null || x2 === null || y1 === null || y2 === null ? undefined : { x1, x2, y1, y2 };
  }

  private band(target: Draw): void {
    const spots = this.spots();
    if (!spots) return;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const half = Math.max(2, (this.chart?.timeScale().options().barSpacing ?? 6) / 2);
      context.fillStyle = ink("accent");
      context.globalAlpha = 0.11;
      context.fillRect(spots.x1 - half, 0, spots.x2 - spots.x1 + 2 * half, mediaSize.height);
    });
  }

  private line(target: Draw): void {
    const spots = this.spots();
    if (!spots) return;
    target.useMediaCoordinateSpace(({ context }) => {
      context.strokeStyle = ink("strong");
      context.lineWidth = 1.5;
      context.setLineDash([4, 3]);
      context.beginPath();
      context.moveTo(spots.x1, spots.y1);
      context.lineTo(spots.x2, spots.y2);
      context.stroke();
      context.setLineDash([]);
      for (const [x, y] of [[spots.x1, spots.y1], [spots.x2, spots.y2]] as const) {
        context.beginPath();
        context.arc(x, y, 3.5, 0, 2 * Math.PI);
        context.fillStyle = ink("panel");
        context.fill();
        context.stroke();
      }
    });
  }
}
