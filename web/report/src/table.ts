// A table of any length: only the visible rows are in the document. Sortable, and usable by keyboard alone.
import { h, select } from "./dom";
import { number } from "./format";

export interface Column {
  title: string;
  /** The label of a column without a title, for screen readers. */
  label?: string;
  /** The content of a cell. */
  cell: (row: number) => string | Node;
  /** The sort key; without it the column cannot be sorted. */
  key?: (row: number) => number | string;
  right?: boolean;
  /** A class of a cell, or of every cell. */
  kind?: string | ((row: number) => string);
  /** Width in pixels where it cannot be measured from the text. */
  width?: number;
}

export interface Options {
  label: string;
  columns: Column[];
  rows: number;
  /** The two lines of a row on a phone: bold and muted, left and right. */
  brief: (row: number) => { left: [string, string]; right: [string, string]; tone: string };
  sort: { column: number; down: boolean };
  choose?: (row: number) => void;
  empty: string;
}

const ROW = 28;
const BRIEF = 54;
const SPARE = 8;
const SHOWN = 12;
const PAPER = 60;
const PADDING = 17;
const EDGE = 4;
const SIGN = 13;
const narrow = matchMedia("(max-width: 760px)");
let made = 0;

export class VirtualTable {
  readonly element: HTMLElement;
  readonly sorter: HTMLSelectElement;
  private readonly id = `table${++made}`;
  private readonly scroll: HTMLElement;
  private readonly table: HTMLTableElement;
  private readonly heads: HTMLTableCellElement[];
  private readonly body = h("tbody");
  private readonly above: HTMLTableRowElement;
  private readonly below: HTMLTableRowElement;
  private readonly paper = h("div", { class: "paper" });
  private order: number[];
  private active = 0;
  private chosen = -1;
  private first = -1;
  private last = -1;
  private keep: (row: number) => boolean = () => true;

  constructor(private readonly options: Options) {
    const { columns, label } = options;
    this.above = spacer(columns.length);
    this.below = spacer(columns.length);
    this.order = this.all();
    this.heads = columns.map((column, index) => {
      const head = h("th", { scope: "col", class: column.right ? "r" : null });
      if (column.key) {
        const button = h("button", { type: "button", class: "sort" }, column.title);
        button.addEventListener("click", () => this.sortBy(index));
        head.append(button);
      } else head.append(column.title || h("span", { class: "hide" }, column.label ?? ""));
      return head;
    });
    const widths = columns.map((column, i) => (column.width ?? this.widthOf(column)) + (i === 0 || i === columns.length - 1 ? EDGE : 0));
    this.table = h(
      "table",
      { role: "grid", "aria-label": label, "aria-readonly": "true", tabindex: 0, class: "t vt", style: `min-width:${widths.reduce((a, b) => a + b, 0)}px` },
      h("colgroup", {}, ...widths.map((width) => h("col", { style: `width:${width}px` }))),
      h("thead", {}, h("tr", { "aria-rowindex": 1 }, ...this.heads)),
      this.body,
    );
    this.scroll = h("div", { class: "scroll" }, this.table);
    this.element = h("div", { class: "vbox" }, this.scroll, this.paper);
    const sortable = columns.map((column, index) => ({ column, index })).filter(({ column }) => column.key);
    this.sorter = select(`Sort ${label.toLowerCase()} by`, sortable.map(({ column }) => `by ${column.title}`), (i) =>
      this.sortBy(sortable[i]!.index),
    );
    this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("click", (event) => {
      const row = (event.target as Element).closest("tr")?.dataset["place"];
      if (row !== undefined) this.choosePlace(Number(row));
    });
    narrow.addEventListener("change", () => this.restart());
    this.arrange();
  }

  /** Keep the rows for which `keep` is true; returns their number. */
  filter(keep: (row: number) => boolean): number {
    this.keep = keep;
    this.arrange();
    return this.order.length;
  }

  /** The first rows as a plain table, for print. */
  toPaper(): void {
    const rows = this.order.slice(0, PAPER);
    const { columns } = this.options;
    const table = h(
      "table",
      { class: "t" },
      h("thead", {}, h("tr", {}, ...columns.map((c) => h("th", { class: c.right ? "r" : null }, c.title)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, ...this.cells(row)))),
    );
    const said = rows.length < this.order.length ? `The first ${rows.length} of ${number(this.order.length, 0)} rows; the file itself has all.` : "";
    this.paper.replaceChildren(table, h("p", { class: "hint" }, said));
  }

  offPaper(): void {
    this.paper.replaceChildren();
  }

  private all(): number[] {
    return Array.from({ length: this.options.rows }, (_, i) => i);
  }

  private get height(): number {
    return narrow.matches ? BRIEF : ROW;
  }

  private sortBy(column: number): void {
    const { sort } = this.options;
    // Sort numbers descending first, texts ascending.
    const down = typeof this.options.columns[column]!.key?.(0) === "number";
    this.options.sort = sort.column === column ? { column, down: !sort.down } : { column, down };
    this.arrange();
  }

  private arrange(): void {
    const { columns, sort } = this.options;
    const key = columns[sort.column]?.key;
    this.order = this.all().filter(this.keep);
    if (key) {
      const keys = new Map(this.order.map((row) => [row, key(row)]));
      const sign = sort.down ? -1 : 1;
      this.order.sort((a, b) => {
        const [x, y] = [keys.get(a)!, keys.get(b)!];
        // Missing values are last in both directions.
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
        return x < y ? -sign : x > y ? sign : a - b;
      });
    }
    this.heads.forEach((head, index) => {
      const state = index === sort.column ? (sort.down ? "descending" : "ascending") : null;
      if (state) head.setAttribute("aria-sort", state);
      else head.removeAttribute("aria-sort");
    });
    this.restart();
  }

  private restart(): void {
    this.table.setAttribute("aria-rowcount", String(this.order.length + 1));
    this.table.classList.toggle("brief", narrow.matches);
    this.table.style.minWidth = narrow.matches ? "0" : (this.table.dataset["width"] ??= this.table.style.minWidth);
    this.active = Math.max(0, this.order.indexOf(this.chosen));
    const head = narrow.matches ? 0 : ROW;
    const rows = Math.max(1, Math.min(this.order.length, narrow.matches ? 8 : SHOWN));
    this.scroll.style.height = this.order.length ? `${rows * this.height + head + 1}px` : "auto";
    this.scroll.scrollTop = 0;
    this.first = -1;
    this.draw();
  }

  private draw(): void {
    if (!this.order.length) {
      const cell = h("td", { colspan: this.options.columns.length, class: "none" }, this.options.empty);
      this.body.replaceChildren(h("tr", {}, cell));
      this.first = -1;
      return;
    }
    const { height } = this;
    const rows = Math.ceil((this.scroll.clientHeight || SHOWN * height) / height);
    const top = Math.floor(this.scroll.scrollTop / height);
    const first = Math.max(0, top - SPARE);
    const last = Math.min(this.order.length, top + rows + SPARE);
    if (first === this.first && last === this.last) return;
    if (this.first < 0 || first >= this.last || last <= this.first) {
      this.body.replaceChildren(this.above, this.below);
      this.first = this.last = first;
    }
    // Only rows that became visible are created, so that fast scrolling stays smooth.
    const begin = this.above.nextSibling!;
    for (let place = first; place < Math.min(this.first, last); place++) begin.before(this.row(place));
    for (let place = Math.max(this.last, first); place < last; place++) this.below.before(this.row(place));
    for (let place = this.first; place < first; place++) this.above.nextSibling!.remove();
    for (let place = this.last; place > last; place--) this.below.previousSibling!.remove();
    this.first = first;
    this.last = last;
    stretch(this.above, first * height);
    stretch(this.below, (this.order.length - last) * height);
    this.point();
  }

  private row(place: number): HTMLTableRowElement {
    const row = this.order[place]!;
    const cells = narrow.matches ? [this.briefCell(row)] : this.cells(row);
    const line = h("tr", { "aria-rowindex": place + 2, "data-place": place, id: `${this.id}-${place}` }, ...cells);
    if (this.options.choose) line.setAttribute("aria-selected", String(row === this.chosen));
    return line;
  }

  private cells(row: number): HTMLTableCellElement[] {
    return this.options.columns.map(({ cell, right, kind }) => {
      const own = typeof kind === "function" ? kind(row) : (kind ?? "");
      return h("td", { class: `${right ? "r " : ""}${own}`.trim() || null }, cell(row));
    });
  }

  private briefCell(row: number): HTMLTableCellElement {
    const { left, right, tone } = this.options.brief(row);
    const side = ([bold, muted]: [string, string], kind: string, toned: string) =>
      h("span", { class: kind }, h("b", { class: toned }, bold), h("span", { class: "mu" }, muted));
    return h("td", { colspan: this.options.columns.length }, h("span", { class: "two" }, side(left, "l", ""), side(right, "e", tone)));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.table || !this.order.length) return;
    const page = Math.max(1, Math.floor(this.scroll.clientHeight / this.height) - 2);
    const end = this.order.length - 1;
    const moves: Record<string, number> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: end,
    };
    const wanted = moves[event.key];
    if (wanted !== undefined) {
      event.preventDefault();
      this.active = Math.max(0, Math.min(end, wanted));
      this.reveal();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choosePlace(this.active);
    }
  }

  private reveal(): void {
    const head = narrow.matches ? 0 : ROW;
    const top = this.active * this.height;
    const bottom = top + this.height + head;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (bottom > this.scroll.scrollTop + this.scroll.clientHeight) this.scroll.scrollTop = bottom - this.scroll.clientHeight;
    this.draw();
    this.point();
  }

  private choosePlace(place: number): void {
    this.active = place;
    const { choose } = this.options;
    if (choose) {
      this.chosen = this.order[place]!;
      for (const line of this.body.querySelectorAll<HTMLElement>("[data-place]")) {
        line.setAttribute("aria-selected", String(this.order[Number(line.dataset["place"])] === this.chosen));
      }
      choose(this.chosen);
    }
    this.point();
  }

  /** Mark the row with the keyboard focus, also for screen readers. */
  private point(): void {
    this.body.querySelector(".active")?.classList.remove("active");
    const line = this.body.querySelector(`[data-place="${this.active}"]`);
    line?.classList.add("active");
    if (line) this.table.setAttribute("aria-activedescendant", line.id);
    else this.table.removeAttribute("aria-activedescendant");
  }

  /** The width of the widest of a sample of cells, so that scrolling does not move columns. */
  private widthOf(column: Column): number {
    const { rows } = this.options;
    const step = Math.max(1, Math.floor(rows / 240));
    let widest = widthOf(column.title, "500 11px") + (column.key ? SIGN : 0);
    for (let row = 0; row < rows; row += step) {
      const cell = column.cell(row);
      widest = Math.max(widest, typeof cell === "string" ? widthOf(cell, "600 13px") : widthOf(cell.textContent ?? "", "12px") + SIGN);
    }
    return Math.ceil(widest + PADDING);
  }
}

/** A row with the height of all rows out of view. */
function spacer(columns: number): HTMLTableRowElement {
  return h("tr", { class: "space", "aria-hidden": "true" }, h("td", { colspan: columns }));
}

function stretch(row: HTMLTableRowElement, height: number): void {
  row.cells[0]!.style.height = `${height}px`;
  row.hidden = height === 0;
}

let family: string | undefined;
const pen = document.createElement("canvas").getContext("2d");

/** The width of a text in pixels; every digit counts like 0, as columns have tabular figures. */
function widthOf(words: string, font: string): number {
  if (!pen) return words.length * 8;
  family ??= getComputedStyle(document.body).fontFamily;
  pen.font = `${font} ${family}`;
  return pen.measureText(words.replace(/\d/g, "0")).width;
}
