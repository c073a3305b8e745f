// The top bar with navigation and theme buttons, and the title below it.
import type { Report } from "./data";
import { h, icon } from "./dom";
import { toggleScheme, toggleTheme } from "./theme";

const DROP = "M8 2c2.5 3 4 5 4 7a4 4 0 0 1-8 0c0-2 1.5-4 4-7z";
const SUN = "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1";
const PRINT = "M4.5 6V2.5h7V6M4.5 11.5h-2V6.5h11v5h-2M4.5 9.5h7v4h-7z";
const SECTIONS = [
  ["assumptions", "Assumptions"],
  ["equity", "Equity"],
  ["months", "Months"],
  ["chart", "Chart"],
  ["trades", "Trades"],
  ["orders", "Orders"],
  ["notifications", "Notifications"],
  ["figures", "All figures"],
] as const;

export function headerView(report: Report): HTMLElement[] {
  const sections = SECTIONS.filter(([id]) => id !== "notifications" || report.notifications);
  const links = sections.map(([id, word]) => h("a", { href: `#${id}`, "data-section": id }, word));
  const bar = h(
    "header",
    { class: "top" },
    logo(),
    h("span", { class: "crumb" }, h("b", {}, report.title), h("span", { class: "mu nop" }, report.market)),
    h("nav", { class: "tabs", "aria-label": "Sections" }, ...links),
    h("span", { class: "sp" }),
    button("Up and down colours: teal and red, or blue and orange", DROP, toggleScheme),
    button("Dark or light", SUN, toggleTheme),
    button("Print", PRINT, () => print()),
    h("span", { class: "mode" }, "BACKTEST"),
  );
  const tags = report.hashes
    .filter((one) => one.value)
    .map((one) => h("span", { class: "tag", title: one.value }, `${one.label} `, h("span", { class: "mono" }, one.label === "engine" ? one.value.replace(/(\+.{8}).*/, "$1") : one.value.slice(0, 8))));
  const title = h("div", { class: "hd" }, h("h1", {}, `${report.title}, ${report.market}`), ...tags);
  const loud = report.synthetic ? h("p", { class: "loud", role: "note" }, h("b", {}, "SYNTHETIC "), report.synthetic) : null;
  return [bar, title, ...(loud ? [loud] : [])];
}

function button(label: string, path: string, act: () => void): HTMLElement {
  const made = h("button", { type: "button", class: "ib", title: label, "aria-label": label }, icon(path));
  made.addEventListener("click", act);
  return made;
}

function logo(): SVGSVGElement {
  const svg = icon("M4 3v14M10 1v18M16 5v12", 20);
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "logo");
  for (const [path, kind] of [["M2.5 6h3v7h-3zM8.5 8.5h3v7h-3z", "body"], ["M14.5 8h3v6h-3z", "last"]] as const) {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    shape.setAttribute("d", path);
    shape.setAttribute("class", kind);
    svg.append(shape);
  }
  return svg;
}

/** Highlight the current section in the navigation. */
export function followSections(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".tabs a")];
  const sections = links.map((link) => document.getElementById(link.dataset["section"]!)).filter((one) => one !== null);
  const mark = () => {
    const read = sections.filter((section) => section.getBoundingClientRect().top < innerHeight / 3).at(-1) ?? sections[0];
    for (const link of links) {
      if (link.dataset["section"] === read?.id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
}
