// Copies ReDoc and Swagger UI into the package of the server, with their licences.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(here(`node_modules/${path}`), "utf8");
const target = here("../../src/wickwork/server/pages/reference/");
const withoutMap = (text) => text.replace(/\n?\/\/# sourceMappingURL=.*$|\n?\/\*# sourceMappingURL=.*\*\/\s*$/, "\n");

// ReDoc draws a logo that it fetches from its maker's server; the page must work without a network.
const logo = "https://cdn.redoc.ly/redoc/logo-mini.svg";
const redoc = read("redoc/bundles/redoc.standalone.js");
if (!redoc.includes(logo)) throw new Error("ReDoc has no such logo any more; look for what it fetches now.");

const licences = ["redoc/LICENSE", "redoc/bundles/redoc.standalone.js.LICENSE.txt", "swagger-ui-dist/LICENSE",
  "swagger-ui-dist/NOTICE", "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt"];
const files = {
  "redoc.js": withoutMap(redoc.replaceAll(logo, "data:image/gif;base64,R0lGODlhAQABAAAAACw=")),
  "swagger-ui.js": withoutMap(read("swagger-ui-dist/swagger-ui-bundle.js")),
  "swagger-ui.css": withoutMap(read("swagger-ui-dist/swagger-ui.css")),
  "licences.txt": licences.map((name) => `${name}\n\n${read(name).trim()}\n`).join("\n\n"),
};
mkdirSync(target, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(target + name, text);
