// One file of the script, the styles, the licences and the frame; Python puts the data of a run into it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(path), "utf8");
const target = process.argv[2] ?? here("../../src/wickwork/analytics/report/page.html");

async function bundle(entry) {
  const made = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    target: "es2022",
    format: "iife",
    legalComments: "none",
    logLevel: "warning",
  });
  return made.outputFiles[0].text.trim();
}

const hash = (text) => `'sha256-${createHash("sha256").update(text, "utf8").digest("base64")}'`;
const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// The charts are another's work: the notice that names its makers comes from the package itself.
const charts = read("node_modules/lightweight-charts/dist/lightweight-charts.production.mjs");
const notice = /\/\*!\s*([\s\S]*?)\*\//.exec(charts)?.[1];
if (!notice?.includes("TradingView")) throw new Error("lightweight-charts no longer carries its notice; look for it.");
const canvas = JSON.parse(read("node_modules/fancy-canvas/package.json"));
const licences = [
  notice.replaceAll(/^ \* ?/gm, "").replace("@license\n", "").trim(),
  `fancy-canvas ${canvas.version}, by ${canvas.author}, ${canvas.license} licence.\n\n${read("licences/fancy-canvas.txt").trim()}`,
  read("node_modules/lightweight-charts/LICENSE").trim(),
].join("\n\n");

const early = await bundle("src/early.ts");
const script = await bundle("src/main.ts");
const pieces = {
  "early": early,
  "script": script,
  "styles": await bundle("src/style.css"),
  "licences": escape(licences),
  "hashes": `${hash(early)} ${hash(script)}`,
};
const page = read("src/page.html").replaceAll(/<!--build:(\w+)-->|\bbuild-(hashes)\b/g, (_, a, b) => pieces[a ?? b]);
for (const [name, text] of Object.entries({ early, script })) {
  if (/<\/script|<!--/i.test(text)) throw new Error(`The ${name} script would end its own element.`);
}
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, page);
