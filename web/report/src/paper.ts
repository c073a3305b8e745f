// Before printing: the light theme, charts as pictures, the first rows of tables.
import { picturesForPaper, withoutPictures } from "./chart";
import type { VirtualTable } from "./table";
import { lightForPaper } from "./theme";

export function printWell(tables: VirtualTable[]): void {
  let back: (() => void) | undefined;
  addEventListener("beforeprint", () => {
    back ??= lightForPaper();
    picturesForPaper();
    for (const table of tables) table.toPaper();
  });
  addEventListener("afterprint", () => {
    back?.();
    back = undefined;
    withoutPictures();
    for (const table of tables) table.offPaper();
  });
}
