// Every order with its final state, and the refused intents.
import { numbers, strings, type Report, type Table } from "./data";
import { choice, h, panel, select } from "./dom";
import { amount, clock, number } from "./format";
import { type Column, VirtualTable } from "./table";

export interface OrdersView {
  panel: HTMLElement;
  tables: VirtualTable[];
}

export function ordersView(report: Report): OrdersView {
  const box = panel("Order log", "", "orders");
  const orders = orderTable(report);
  const refused = refusalTable(report.denied);
  const { rows } = report.denied;
  const state = strings(report.orders, "state");
  const states = ["Any end", ...[...new Set(state)].sort()];
  const count = h("span", { class: "mu s", role: "status" });
  const said = (left: number, table: Table, known: number) => {
    const whole = known < table.rows ? `${number(known, 0)} (the last of ${number(table.rows, 0)})` : number(table.rows, 0);
    count.textContent = left === known ? whole : `${number(left, 0)} of ${whole}`;
  };
  const filter = select("How it ended", states, (i) => said(orders.filter((row) => i === 0 || state[row] === states[i]), report.orders, state.length));
  const known = report.denied.columns["reason"]?.length ?? 0;
  const show = (which: number) => {
    orders.element.hidden = which === 1;
    refused.element.hidden = which === 0;
    filter.hidden = which === 1;
    if (which === 1) said(known, report.denied, known);
    else filter.dispatchEvent(new Event("change"));
  };
  box.head.append(count, h("span", { class: "sp" }), filter);
  box.head.append(choice("Orders or refusals", ["Orders", `Refused ${number(rows, 0)}`], 0, show));
  box.body.append(orders.element, refused.element);
  show(0);
  return { panel: box.panel, tables: rows ? [orders, refused] : [orders] };
}

function orderTable(report: Report): VirtualTable {
  const { orders, instruments } = report;
  const several = instruments.length > 1;
  const decimals = new Map(instruments.map((one) => [one.name, one.decimals]));
  const [id, quantity, filled, price] = ["order", "quantity", "filled", "price"].map((n) => numbers(orders, n)) as Float64Array[];
  const [limit, stop, placed, ended, parent] = ["limit", "stop", "placed_at", "ended_at", "parent"].map((n) => numbers(orders, n)) as Float64Array[];
  const [instrument, node, side, state] = ["instrument", "node", "side", "state"].map((n) => strings(orders, n)) as string[][];
  const leg = strings(orders, "leg");
  const kind = strings(orders, "kind").map((word, i) => (leg[i] || word).replace(/_/g, "-"));
  const level = (values: Float64Array) => (i: number) => (Number.isNaN(values[i]!) ? "–" : number(values[i]!, decimals.get(instrument![i]!) ?? 2));
  const priced = (title: string, values: Float64Array): Column => ({ title, cell: level(values), key: (i) => values[i]!, right: true });
  const words = (title: string, values: string[], muted = ""): Column => ({ title, cell: (i) => values[i]!, key: (i) => values[i]!, kind: muted });
  const columns: Column[] = [
    { title: "#", cell: (i) => number(id![i]!, 0), key: (i) => id![i]!, right: true, kind: "mu" },
    { title: "Placed, UTC", cell: (i) => clock(placed![i]!), key: (i) => placed![i]! },
    { title: "Ended, UTC", cell: (i) => clock(ended![i]!) || "–", key: (i) => ended![i]! },
    ...(several ? [words("Instrument", instrument!)] : []),
    words("Node", node!),
    words("Side", side!.map((word) => word.toUpperCase()), "mu"),
    words("Kind", kind),
    { title: "Of order", cell: (i) => (Number.isNaN(parent![i]!) ? "–" : number(parent![i]!, 0)), key: (i) => parent![i]!, right: true, kind: "mu" },
    { title: "Quantity", cell: (i) => amount(quantity![i]!, 6), key: (i) => quantity![i]!, right: true },
    { title: "Filled", cell: (i) => amount(filled![i]!, 6), key: (i) => filled![i]!, right: true },
    priced("Price", price!),
    priced("Limit", limit!),
    priced("Stop", stop!),
    { title: "End", cell: (i) => h("span", { class: state![i] === "filled" ? "nd ok" : "nd" }, state![i]!), key: (i) => state![i]! },
  ];
  return new VirtualTable({
    label: "Orders",
    columns,
    rows: id!.length,
    sort: { column: 0, down: true },
    empty: orders.rows ? "No order is like that; choose another filter." : "The strategy placed no order.",
    brief: (i) => ({
      left: [`${number(id![i]!, 0)} · ${side![i]!.toUpperCase()}${several ? ` ${instrument![i]}` : ""}`, `${clock(placed![i]!)}, ${node![i]}`],
      right: [state![i]!, `${kind[i]}${Number.isNaN(price![i]!) ? "" : ` · ${level(price!)(i)}`}`],
      tone: "",
    }),
  });
}

function refusalTable(denied: Table): VirtualTable {
  const when = numbers(denied, "denied_at");
  const [instrument, node, reason] = ["instrument", "node", "reason"].map((name) => strings(denied, name)) as string[][];
  return new VirtualTable({
    label: "Refused orders",
    columns: [
      { title: "Asked at, UTC", cell: (i) => clock(when[i]!), key: (i) => when[i]!, width: 150 },
      { title: "Instrument", cell: (i) => instrument![i]!, key: (i) => instrument![i]! },
      { title: "Node", cell: (i) => node![i]!, key: (i) => node![i]! },
      { title: "Refused because", cell: (i) => reason![i]!, key: (i) => reason![i]!, width: 420 },
    ],
    rows: when.length,
    sort: { column: 0, down: true },
    empty: "Nothing was refused.",
    brief: (i) => ({ left: [`${node![i]} ${instrument![i]}`, clock(when[i]!)], right: ["", reason![i]!], tone: "" }),
  });
}
