import assert from "node:assert/strict";
import { test } from "node:test";
import { amount, clock, duration, figure, level, number, percent } from "../src/format";

test("numbers have a true minus, narrow thousands and a sign where one is wanted", () => {
  assert.equal(number(-1234567.891), "−1\u202f234\u202f567.89");
  assert.equal(number(1234.5, 0), "1\u202f235");
  assert.equal(number(3, 2, true), "+3.00");
  assert.equal(number(0.12345678, 8), "0.12345678");
});

test("what rounds to nothing has no sign, and what is missing says so", () => {
  assert.equal(number(-0.001), "0.00");
  assert.equal(number(0.001, 2, true), "0.00");
  for (const missing of [null, undefined, NaN, Infinity]) assert.equal(number(missing), "not enough");
  assert.equal(percent(null), "not enough");
});

test("amounts lose idle zeros, never real ones", () => {
  assert.equal(amount(0.25), "0.25");
  assert.equal(amount(1000), "1\u202f000");
  assert.equal(amount(-0.5), "−0.5");
});

test("levels carry as many decimals as their size needs", () => {
  assert.deepEqual([5.25e-9, -2e-12, 1e-17, 0].map(level), ["0.00000000525", "−0.000000000002", "0", "0"]);
  assert.deepEqual([31_234.5, 123.45, 1.234, 0.000123].map(level), ["31\u202f235", "123.5", "1.23", "0.000123"]);
});

test("times are UTC, with seconds only where there are any", () => {
  assert.equal(clock(Date.UTC(2024, 0, 31, 12)), "2024-01-31 12:00");
  assert.equal(clock(Date.UTC(2024, 0, 31, 12, 0, 5)), "2024-01-31 12:00:05");
  assert.equal(clock(null), "");
});

test("figures carry their units", () => {
  assert.equal(figure(12.345, "percent", "USDT"), "12.35\u202f%");
  assert.equal(figure(12, "bars", "USDT"), "12 bars");
  assert.equal(figure(5, "quote", "USDT"), "5.00 USDT");
  assert.equal(figure(null, "ratio", "USDT"), "not enough");
  assert.deepEqual([1.25, 0.5, 0.01].map(duration), ["1.3 days", "12.0 hours", "14 minutes"]);
});
