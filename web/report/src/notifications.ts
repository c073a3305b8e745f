// The messages that the strategy recorded with `notify`.
import type { Notifications } from "./data";
import { h, panel, select } from "./dom";
import { amount, clock, level, number } from "./format";
import { VirtualTable } from "./table";

export interface NotificationsView {
  panel: HTMLElement;
  table: VirtualTable;
}

export function notificationsView({ rows, columns }: Notifications): NotificationsView {
  const { notified_at: when, instrument, node, level: grade, text } = columns;
  const values = columns.values.map(valuesText);
  const box = panel("Notifications", "", "notifications");
  const count = h("span", { class: "mu s", role: "status" });
  // A long message does not fit into its cell; that of the chosen row is written below the table.
  const whole = h("p", { class: "hint break", role: "status" });
  const tone = (i: number) => (grade[i] === "error" ? "dn" : grade[i] === "warning" ? "wa" : "mu");
  const table = new VirtualTable({
    label: "Notifications",
    columns: [
      { title: "Recorded at, UTC", cell: (i) => clock(when[i]!), key: (i) => when[i]!, width: 150 },
      { title: "Instrument", cell: (i) => instrument[i]!, key: (i) => instrument[i]! },
      { title: "Node", cell: (i) => node[i]!, key: (i) => node[i]!, kind: "mu" },
      { title: "Level", cell: (i) => h("span", { class: tone(i) }, grade[i]!), key: (i) => grade[i]! },
      { title: "Message", cell: (i) => h("span", { title: text[i]! }, text[i]!), key: (i) => text[i]!, width: 420 },
      { title: "Values", cell: (i) => h("span", { title: values[i]! }, values[i]! || "–"), width: 260 },
    ],
    rows: when.length,
    sort: { column: 0, down: true },
    choose: (i) => whole.replaceChildren(h("b", {}, text[i]!), values[i] ? ` ${values[i]}` : ""),
    empty: rows ? "No message is like that; choose another filter." : "The strategy recorded no message.",
    brief: (i) => ({ left: [text[i]!, `${clock(when[i]!)}, ${instrument[i]}, ${grade[i]}`], right: ["", ""], tone: "" }),
  });
  const grades = ["Any level", ...[...new Set(grade)].sort()];
  const nodes = ["Any node", ...[...new Set(node)].sort()];
  const picked = { grade: 0, node: 0 };
  const apply = () => {
    const left = table.filter((i) => (picked.grade === 0 || grade[i] === grades[picked.grade]) && (picked.node === 0 || node[i] === nodes[picked.node]));
    const all = when.length < rows ? `${number(when.length, 0)} (the last of ${number(rows, 0)})` : number(rows, 0);
    count.textContent = left === when.length ? all : `${number(left, 0)} of ${all}`;
  };
  box.head.append(count, h("span", { class: "sp" }));
  if (grades.length > 2) box.head.append(select("Level", grades, (i) => ((picked.grade = i), apply())));
  if (nodes.length > 2) box.head.append(select("Node", nodes, (i) => ((picked.node = i), apply())));
  box.body.append(table.element, whole);
  apply();
  return { panel: box.panel, table };
}

/** `rsi 28.13, close 41 002.5`. */
function valuesText(values: Record<string, number | null>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value === null ? "missing" : Math.abs(value) >= 1 ? amount(value, 4) : level(value)}`)
    .join(", ");
}
