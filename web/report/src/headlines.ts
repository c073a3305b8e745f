// The main figures, each with its context.
import type { Report } from "./data";
import { h } from "./dom";

export function headlinesView({ headlines }: Report): HTMLElement {
  const tones: Record<string, string> = { up: "up", down: "dn" };
  const cells = headlines.map(({ title, value, beside, tone, n }) =>
    h(
      "div",
      { class: "kp" },
      h("dt", {}, title),
      h("dd", {}, h("b", { class: tones[tone] ?? null }, value), h("span", { class: "by" }, h("em", {}, beside), n && h("i", { class: n.endsWith("few") ? "wa" : null }, n))),
    ),
  );
  return h("section", { class: "panel", id: "headlines", "aria-label": "Headline figures", tabindex: -1 }, h("h2", { class: "hide" }, "Headline figures"), h("dl", { class: "kps" }, ...cells));
}
