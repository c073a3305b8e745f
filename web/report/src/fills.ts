// Fills as marks on the candles and as texts in the legend.
import type { SeriesMarker, Time } from "lightweight-charts";
import { seconds } from "./chart";
import { numbers, strings, type Table } from "./data";
import { amount, number } from "./format";
import { placeOf } from "./thin";
import { ink } from "./theme";

/** More marks than this would overlap; they are shown again after zooming in. */
const MOST_MARKS = 320;
/** Up to this number of fills the marks have the gain of their trade. */
const MOST_LABELS = 24;

export class Fills {
  private readonly times: Float64Array;
  private readonly sides: string[];
  private readonly quantities: Float64Array;
  private readonly prices: Float64Array;
  private readonly positions: Float64Array;
  private readonly gains = new Map<string, number>();
  private readonly instruments: string[];
  private readonly nodes: string[];
  private readonly rowsOf = new Map<string, number[]>();
  private rows: number[] = [];
  private moments: number[] = [];

  constructor(table: Table, trades: Table) {
    this.times = numbers(table, "filled_at");
    this.sides = strings(table, "side");
    this.quantities = numbers(table, "quantity");
    this.prices = numbers(table, "price");
    this.positions = numbers(table, "position");
    this.nodes = strings(table, "node");
    this.instruments = strings(table, "instrument");
    const [closed, gain] = [numbers(trades, "closed_at"), numbers(trades, "gain")];
    strings(trades, "instrument").forEach((name, row) => {
      const key = `${name} ${closed[row]}`;
      this.gains.set(key, (this.gains.get(key) ?? 0) + gain[row]!);
    });
    this.instruments.forEach((name, row) => {
      const rows = this.rowsOf.get(name);
      if (rows) rows.push(row);
      else this.rowsOf.set(name, [row]);
    });
  }

  load(instrument: string): void {
    this.rows = this.rowsOf.get(instrument) ?? [];
    this.moments = this.rows.map((row) => this.times[row]!);
  }

  /** A fill is an entry if the position is on its side afterwards, else an exit. */
  private enters(row: number): boolean {
    const side = this.sides[row] === "buy" ? 1 : -1;
    return this.positions[row]! * side > 0;
  }

  marks(from: number, to: number, spacing: number): SeriesMarker<Time>[] {
    const rows = this.rows.slice(placeOf(this.moments, from), placeOf(this.moments, to + 1));
    if (rows.length > MOST_MARKS) return [];
    const labelled = rows.length <= MOST_LABELS;
    const [enter, leave] = [ink("accent"), ink("strong")];
    return rows.map((row) => {
      const buy = this.sides[row] === "buy";
      const enters = this.enters(row);
      const mark = {
        time: seconds(this.times[row]!),
        position: buy ? ("belowBar" as const) : ("aboveBar" as const),
        shape: buy ? ("arrowUp" as const) : ("arrowDown" as const),
        color: enters ? enter : leave,
        size: spacing < 9 ? 1.8 : 1,
      };
      const gain = this.gains.get(`${this.instruments[row]} ${this.times[row]}`);
      return labelled && !enters && gain !== undefined ? { ...mark, text: number(gain, 2, true) } : mark;
    });
  }

  /** Texts for the fills of the bar that opened at `moment` (ms UTC). */
  legendTexts(moment: number, decimals: number): string[] {
    const rows = this.rows.slice(placeOf(this.moments, moment), placeOf(this.moments, moment + 1));
    const words = rows.slice(0, 2).map((row) => {
      const side = this.sides[row] === "buy" ? "bought" : "sold";
      const whose = this.nodes[row] ? ` by ${this.nodes[row]}` : "";
      return `${side} ${amount(this.quantities[row]!, 6)} at ${number(this.prices[row]!, decimals)}${whose}`;
    });
    return rows.length > 2 ? [...words, `and ${rows.length - 2} more`] : words;
  }
}
