// Create elements in one expression. Texts are never parsed as markup, so data of a run cannot inject any.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

function add(parent: Element, children: Child[]): void {
  for (const child of children) if (child) parent.append(child);
}

const SVG = "http://www.w3.org/2000/svg";

/** A line drawing of 16 × 16; `path` never comes from the data of a run. */
export function icon(path: string, size = 16): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ class: "i", width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": "true" })) {
    svg.setAttribute(name, String(value));
  }
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export interface Panel {
  panel: HTMLElement;
  head: HTMLElement;
  body: HTMLElement;
}

/** A panel with a heading; `id` is the target of the navigation. */
export function panel(title: string, note = "", id = "", kind = ""): Panel {
  const name = id || title.toLowerCase().replace(/[^a-z]+/g, "-");
  const heading = h("h2", { id: `${name}-title` }, title);
  const head = h("div", { class: "ph" }, heading, note && h("span", { class: "mu s note" }, note));
  const body = h("div", { class: "pb" });
  const box = h("section", { class: `panel ${kind}`, id: name, "aria-labelledby": `${name}-title`, tabindex: id ? -1 : null }, head, body);
  return { panel: box, head, body };
}

/** Buttons of which exactly one is selected. */
export function choice(label: string, words: string[], on: number, choose: (index: number) => void): HTMLElement {
  const buttons = words.map((word, index) => {
    const button = h("button", { type: "button", "aria-pressed": String(index === on) }, word);
    button.addEventListener("click", () => {
      buttons.forEach((other, i) => other.setAttribute("aria-pressed", String(i === index)));
      choose(index);
    });
    return button;
  });
  return h("div", { class: "seg", role: "group", "aria-label": label }, ...buttons);
}

/** A labelled drop-down list. */
export function select(label: string, words: string[], choose: (index: number) => void): HTMLSelectElement {
  const list = h("select", { "aria-label": label }, ...words.map((word, i) => h("option", { value: i }, word)));
  list.addEventListener("change", () => choose(list.selectedIndex));
  return list;
}

/** A small table: numbers right, text left; cells are text or elements. */
export function smallTable(
  heads: { title: string; label?: string; right?: boolean; class?: string }[],
  rows: Child[][],
  label: string,
): HTMLTableElement {
  const kind = (i: number) => [heads[i]!.right ? "r" : "", heads[i]!.class ?? ""].join(" ").trim() || null;
  return h(
    "table",
    { class: "t", "aria-label": label },
    h("thead", {}, h("tr", {}, ...heads.map((head, i) => h("th", { class: kind(i), scope: "col" }, head.title || h("span", { class: "hide" }, head.label ?? ""))))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell, i) => h("td", { class: kind(i) }, cell))))),
  );
}
