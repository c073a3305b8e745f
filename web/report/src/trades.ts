// The table of trades: sortable, filterable, each row a link to its place on the chart.
import { numbers, strings, type Report } from "./data";
import { h, panel, select } from "./dom";
import { amount, clock, day, money, number } from "./format";
import { type Column, VirtualTable } from "./table";

const RESULTS = ["All results", "Won", "Lost", "Open"];

export interface TradesView {
  panel: HTMLElement;
  table: VirtualTable;
}

export function tradesView(report: Report, choose: (row: number) => void): TradesView {
  const { trades, quote, instruments } = report;
  const several = instruments.length > 1;
  const column = (name: string) => numbers(trades, name);
  const [id, opened, closed, bars, quantity] = ["number", "opened_at", "closed_at", "bars", "quantity"].map(column) as Float64Array[];
  const [entry, exit, gain, share, fees] = ["entry", "exit", "gain", "gain_percent", "fees"].map(column) as Float64Array[];
  const [worst, best, r, sum] = ["mae_percent", "mfe_percent", "r", "sum"].map(column) as Float64Array[];
  const instrument = strings(trades, "instrument");
  const direction = strings(trades, "direction").map((word) => word.toUpperCase());
  const reason = strings(trades, "exit_reason");
  const open = (trades.columns["open"] ?? []).map(Boolean);
  const decimals = new Map(instruments.map((one) => [one.name, one.decimals]));
  const price = (value: number, row: number) => number(value, decimals.get(instrument[row]!) ?? 2);
  const base = several ? "" : `, ${instruments[0]?.base ?? ""}`;
  const tone = (row: number) => (gain![row]! > 0 ? "up" : gain![row]! < 0 ? "dn" : "");
  const risky = r!.some((value) => !Number.isNaN(value));
  const size = risky ? r! : share!;
  const largest = Math.max(...quantile(size));
  const steps = quantityDecimals(quantity!);

  const columns: Column[] = [
    { title: "#", cell: (i) => number(id![i]!, 0), key: (i) => id![i]!, right: true, kind: "mu" },
    { title: "Opened, UTC", cell: (i) => clock(opened![i]!), key: (i) => opened![i]! },
    { title: "Closed, UTC", cell: (i) => clock(closed![i]!) || "open", key: (i) => closed![i]! },
    ...(several ? [{ title: "Instrument", cell: (i: number) => instrument[i]!, key: (i: number) => instrument[i]! }] : []),
    { title: "Side", cell: (i) => direction[i]!, key: (i) => direction[i]!, kind: "mu" },
    { title: `Qty${base}`, cell: (i) => (several ? amount(quantity![i]!, 6) : number(quantity![i]!, steps)), key: (i) => quantity![i]!, right: true },
    { title: "Entry", cell: (i) => price(entry![i]!, i), key: (i) => entry![i]!, right: true },
    { title: "Exit", cell: (i) => price(exit![i]!, i), key: (i) => exit![i]!, right: true },
    { title: "Exit reason", cell: (i) => h("span", { class: "nd" }, reason[i]!), key: (i) => reason[i]! },
    { title: "Bars", cell: (i) => number(bars![i]!, 0), key: (i) => bars![i]!, right: true },
    { title: "", label: "Size of the gain or loss", cell: (i) => bar(size[i]!, largest), width: 74 },
    ...(risky
      ? [{ title: "R", cell: (i: number) => (Number.isNaN(r![i]!) ? "–" : number(r![i]!, 2, true)), key: (i: number) => r![i]!, right: true }]
      : []),
    { title: "Net, %", cell: (i) => number(share![i]!, 2, true), key: (i) => share![i]!, right: true },
    { title: `Net, ${quote}`, cell: (i) => money(gain![i]!, true), key: (i) => gain![i]!, right: true, kind: (i) => `b ${tone(i)}` },
    { title: "Worst, %", cell: (i) => number(-worst![i]!), key: (i) => worst![i]!, right: true, kind: "mu" },
    { title: "Best, %", cell: (i) => number(best![i]!, 2, true), key: (i) => best![i]!, right: true, kind: "mu" },
    { title: `Fees, ${quote}`, cell: (i) => money(fees![i]!), key: (i) => fees![i]!, right: true, kind: "mu" },
    { title: `Sum, ${quote}`, cell: (i) => money(sum![i]!, true), right: true, kind: "mu" },
  ];
  const box = panel("Trades", "", "trades");
  const count = h("span", { class: "mu s", role: "status" });
  const table = new VirtualTable({
    label: "Trades",
    columns,
    rows: id!.length,
    sort: { column: 0, down: true },
    choose,
    empty: trades.rows ? "No trade is like that; choose another filter." : "The strategy made no trade.",
    brief: (i) => ({
      left: [`${number(id![i]!, 0)} · ${direction[i]}${several ? ` ${instrument[i]}` : ""}`, `${day(opened![i]!)}, ${number(bars![i]!, 0)} bars`],
      right: [money(gain![i]!, true), `${reason[i]}${Number.isNaN(r![i]!) ? ` · ${number(share![i]!, 2, true)} %` : ` · ${number(r![i]!, 2, true)} R`}`],
      tone: tone(i),
    }),
  });
  const reasons = ["Any exit reason", ...[...new Set(reason)].filter((word) => word !== "open").sort()];
  const names = ["Any instrument", ...[...new Set(instrument)].sort()];
  const picked = { result: 0, reason: 0, name: 0 };
  const results = [() => true, (i: number) => !open[i] && gain![i]! > 0, (i: number) => !open[i] && gain![i]! < 0, (i: number) => Boolean(open[i])];
  const apply = () => {
    const left = table.filter(
      (i) =>
        results[picked.result]!(i) &&
        (picked.reason === 0 || reason[i] === reasons[picked.reason]) &&
        (picked.name === 0 || instrument[i] === names[picked.name]),
    );
    const whole = id!.length < trades.rows ? `${number(id!.length, 0)} (the last of ${number(trades.rows, 0)})` : number(trades.rows, 0);
    count.textContent = left === id!.length ? whole : `${number(left, 0)} of ${whole}`;
  };
  apply();
  box.head.append(
    count,
    h("span", { class: "sp" }),
    h("span", { class: "mu s nop" }, "Choose a row to see it on the chart"),
    select("Result", RESULTS, (i) => ((picked.result = i), apply())),
    select("Exit reason", reasons, (i) => ((picked.reason = i), apply())),
  );
  if (several) box.head.append(select("Instrument", names, (i) => ((picked.name = i), apply())));
  box.head.append(h("span", { class: "onlyp" }, table.sorter));
  box.body.append(table.element);
  return { panel: box.panel, table };
}

/** The value at which a bar has full length: the 98th percentile. */
function quantile(values: Float64Array): number[] {
  const sizes = Array.from(values, Math.abs).filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return [sizes[Math.floor((sizes.length - 1) * 0.98)] ?? 1, 1e-9];
}

/** A bar to the right of the middle for a gain, to the left for a loss. */
function bar(value: number, largest: number): HTMLElement {
  if (Number.isNaN(value)) return h("span");
  const width = Math.max(1, Math.min(1, Math.abs(value) / largest) * 29);
  const left = value < 0 ? 30 - width : 30;
  return h("span", { class: "rb", "aria-hidden": "true" }, h("i", { class: value < 0 ? "dn" : "up", style: `left:${left}px;width:${width}px` }));
}

/** The decimals that the most precise quantity needs, so that all are aligned. */
function quantityDecimals(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, (amount(value, 6).split(".")[1] ?? "").length);
  return most;
}
