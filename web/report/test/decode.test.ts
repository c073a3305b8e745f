import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Columns, unpack } from "../src/decode";

/** int32, all lowest bytes first. */
function planes(values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, i) => {
    for (let byte = 0; byte < 4; byte++) bytes[byte * values.length + i] = (value >> (8 * byte)) & 255;
  });
  return bytes;
}

test("a column is the sum of its steps, with holes where it is missing", () => {
  const columns = new Columns(planes([10_050, -20_100, 0, 5]));
  assert.deepEqual([...columns.numbers({ at: 0, length: 4, decimals: 2, missing: [2, 3] })], [100.5, -100.5, NaN, -100.45]);
});

test("very large values have steps of ten and more", () => {
  assert.deepEqual([...new Columns(planes([7, 1])).numbers({ at: 0, length: 2, decimals: -3 })], [7000, 8000]);
});

test("prices over many powers of ten are float32", () => {
  const values = [119.12, 2.5e-7, 1e12];
  const part = planes([...new Int32Array(new Float32Array(values).buffer)]);
  const [open, low, far] = new Columns(part).numbers({ at: 0, length: 3, decimals: null, missing: [2, 3] });
  assert.deepEqual([open, low, far], [Math.fround(119.12), Math.fround(2.5e-7), NaN]);
  const column = { at: 0, length: 3 };
  const candles = new Columns(part).candles({ columns: [column, column, column, column], decimals: null });
  assert.deepEqual([...candles.close], values.map(Math.fround));
});

test("candles come from each other", () => {
  const parts = [[100, 1], [5, -6], [2, 0], [3, 1]].map(planes);
  const columns = parts.map((_, i) => ({ at: 8 * i, length: 2 }));
  const candles = new Columns(Uint8Array.from(parts.flatMap((part) => [...part]))).candles({ columns, decimals: 1 });
  assert.deepEqual([...candles.open], [10, 10.6]);
  assert.deepEqual([...candles.close], [10.5, 10]);
  assert.deepEqual([...candles.high], [10.7, 10.6]);
  assert.deepEqual([...candles.low], [9.7, 9.9]);
});

test("header and columns come out of the text of the page", async () => {
  const words = new TextEncoder().encode(JSON.stringify({ title: "</script>" }));
  const length = new Uint8Array(new Uint32Array([words.length]).buffer);
  const text = Buffer.from(gzipSync(Buffer.concat([length, words, planes([42])]))).toString("base64");
  const { report, columns } = await unpack(`\n${text}\n`);
  assert.equal(report.title, "</script>");
  assert.deepEqual([...columns.numbers({ at: 0, length: 1, decimals: 0 })], [42]);
});
