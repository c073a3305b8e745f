// The data in the page, written by src/wickwork/analytics/report/data.py.

export interface Packed {
  at: number;
  length: number;
  /** Null where the values are float32 and not differences of decimal steps. */
  decimals: number | null;
  missing?: number[];
}

export interface PackedCandles {
  columns: { at: number; length: number }[];
  /** Null where open, close, high and low are float32. */
  decimals: number | null;
}

export interface Line {
  label: string;
  value: string;
  tone: string;
}

export interface Headline {
  title: string;
  value: string;
  beside: string;
  tone: string;
  n: string;
}

export interface Doubt {
  title: string;
  value: string;
  note: string;
  tone: "ok" | "warn";
}

export interface Metric {
  name: string;
  title: string;
  unit: string;
  group: string;
  help: string;
  value: number | null;
}

/** Trades that have a word in common. */
export interface Group {
  name: string;
  count: number;
  won: number;
  bars: number;
  r: number | null;
  gain: number;
}

/** Exits, also of parts of a trade, that have a reason in common; `net` is after fees and funding. */
export interface ExitGroup {
  reason: string;
  exits: number;
  won: number;
  win_rate: number;
  bars: number;
  r: number | null;
  net: number;
}

export interface Drawdown {
  depth: number;
  began_at: number;
  deepest_at: number;
  recovered_at: number | null;
  days: number;
}

export interface Source {
  instrument: string;
  kind: string;
  timeframe: string;
  bars: number;
  holes: number;
  first: string;
  last: string;
  sha256: string;
  source: string;
  rules: Record<string, number>;
}

export interface Wire {
  name: string;
  title: string;
  kind: "series" | "condition";
  over: boolean;
  between: [number, number] | null;
}

export interface Instrument {
  name: string;
  base: string;
  decimals: number;
  trades: number;
  bars?: Packed | null;
  candles?: PackedCandles;
  wires?: (Packed | null)[];
}

export type Cell = number | string | boolean | null;

export interface Table {
  rows: number;
  columns: Record<string, Cell[]>;
}

/** The messages that the strategy recorded; the values are those of the wires that each message has. */
export interface Notifications {
  rows: number;
  columns: {
    notified_at: number[];
    instrument: string[];
    node: string[];
    level: string[];
    text: string[];
    values: Record<string, number | null>[];
  };
}

export interface Report {
  title: string;
  market: string;
  synthetic: string;
  quote: string;
  timeframe: { text: string; ms: number };
  hashes: { label: string; value: string }[];
  few: number;
  assumptions: Line[];
  sources: Source[];
  params: Record<string, Record<string, string>>;
  headlines: Headline[];
  doubts: Doubt[];
  metrics: Metric[];
  months: { years: number[]; months: (number | null)[][]; totals: (number | null)[] };
  drawdowns: Drawdown[];
  exits: ExitGroup[];
  by_instrument: Group[];
  by_strategy: Group[];
  costs: { label: string; value: number; total: boolean }[];
  account: {
    first: number;
    capital: number;
    bars: Packed;
    equity: Packed;
    drawdown: Packed;
    held?: Packed;
    held_drawdown?: Packed;
  };
  wires: Wire[];
  instruments: Instrument[];
  trades: Table;
  fills: Table;
  orders: Table;
  denied: Table;
  /** Null where the strategy has no node that records messages. */
  notifications: Notifications | null;
}

/** A column of a table as numbers; missing values are NaN. */
export function numbers(table: Table, name: string): Float64Array {
  const cells = table.columns[name] ?? [];
  return Float64Array.from(cells, (cell) => (typeof cell === "number" ? cell : NaN));
}

/** A column of a table as texts. */
export function strings(table: Table, name: string): string[] {
  return (table.columns[name] ?? []).map((cell) => (cell === null ? "" : String(cell)));
}
