// How sure is it? The usual questions about a back-test, answered for this one.
import type { Report } from "./data";
import { h, icon, panel } from "./dom";
import { many } from "./format";

const TICK = "M4 8.5l2.6 2.6L12 5.6";
const SIGN = "M8 2.5 14.2 13.3H1.8zM8 6.6v3.2M8 11.4v.3";

export function doubtsView({ doubts }: Report): HTMLElement {
  const warnings = doubts.filter((one) => one.tone === "warn").length;
  const box = panel("How sure is it?", "", "doubts", "vd");
  box.head.append(h("span", { class: "sp" }), h("span", { class: warnings ? "tag wa" : "tag ok" }, warnings ? many(warnings, "warning") : "no warning"));
  box.body.append(
    h("p", { class: "vp" }, "A back-test shows what would have happened under the assumptions above, not what will happen. Before you rely on it:"),
    h(
      "ul",
      {},
      ...doubts.map(({ title, value, note, tone }) =>
        h(
          "li",
          { class: "vr" },
          h("i", { class: tone === "warn" ? "wa" : "ok" }, icon(tone === "warn" ? SIGN : TICK), h("span", { class: "hide" }, tone === "warn" ? "Warning: " : "Fine: ")),
          h("span", {}, title, h("em", {}, note)),
          h("b", {}, value),
        ),
      ),
    ),
  );
  return box.panel;
}
