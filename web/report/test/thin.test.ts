import assert from "node:assert/strict";
import { test } from "node:test";
import { extremes, placeOf, places } from "../src/thin";

const wave = Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(i / 7) + (i === 4_321 ? 9 : 0) - (i === 8_765 ? 9 : 0));

test("few bars are all drawn", () => {
  assert.deepEqual([...places([wave.slice(0, 5)], 10)], [0, 1, 2, 3, 4]);
  assert.deepEqual([...places([], 10)], []);
});

test("of many bars the first, the last, every peak and every valley stay", () => {
  const rising = Float64Array.from(wave, (_, i) => i);
  const kept = places([wave, rising], 500);
  assert.ok(kept.length <= 501, String(kept.length));
  for (const place of [0, 4_321, 8_765, 9_999]) assert.ok(kept.includes(place), String(place));
  assert.deepEqual([...kept], [...new Set(kept)].sort((a, b) => a - b));
});

test("places stand about equally far apart", () => {
  const kept = places([wave], 600);
  const middle = kept[Math.floor(kept.length / 2)]!;
  assert.ok(Math.abs(middle - 5_000) < 60, String(middle));
});

test("a moment is found among ascending ones", () => {
  assert.equal(placeOf([10, 20, 30], 20), 1);
  assert.equal(placeOf([10, 20, 30], 21), 2);
  assert.equal(placeOf([10, 20, 30], 31), 3);
});

test("extremes look past what is missing", () => {
  assert.deepEqual(extremes([Float64Array.of(NaN, 2, -3), Float64Array.of(7)]), [-3, 7]);
});
