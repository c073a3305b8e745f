// Numbers and times as text: minus sign, narrow spaces, UTC.

export const THIN = "\u202f";
export const NOT_ENOUGH = "not enough";
const MINUS = "\u2212";

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** `−1 234.50`; a value that rounds to 0 has no sign. */
export function number(value: number | null | undefined, decimals = 2, sign = false): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOT_ENOUGH;
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".") as [string, string | undefined];
  const text = grouped(whole) + (part ? `.${part}` : "");
  if (Number(`${whole}.${part ?? 0}`) === 0) return text;
  return (value < 0 ? MINUS : sign ? "+" : "") + text;
}

/** A number without trailing zeros. */
export function amount(value: number, decimals = 8): string {
  const text = number(value, decimals);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** `+1.23 %`. */
export function percent(value: number | null, sign = false): string {
  return value === null ? NOT_ENOUGH : `${number(value, 2, sign)}${THIN}%`;
}

/** Thousands without decimals, small values with as many as they need: for axes and wires. */
export function level(value: number): string {
  const size = Math.abs(value);
  if (size >= 1) return size >= 1000 ? number(value, 0) : size >= 100 ? number(value, 1) : number(value);
  // Values below 1e-15 are rounding errors of larger ones.
  return amount(value, size < 1e-15 ? 6 : Math.max(6, 2 - Math.floor(Math.log10(size))));
}

export function money(value: number | null, sign = false): string {
  return number(value, 2, sign);
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `2024-01-31 12:00` of ms since 1970, UTC; seconds only where there are any. */
export function clock(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return "";
  const date = new Date(ms);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  const seconds = date.getUTCSeconds();
  return `${day(ms)} ${time}${seconds ? `:${two(seconds)}` : ""}`;
}

export function day(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

export function many(count: number, noun: string): string {
  return `${number(count, 0)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Days, or hours or minutes where it is less than one. */
export function duration(days: number): string {
  if (days >= 1 || days === 0) return `${number(days, 1)} days`;
  return days * 24 >= 1 ? `${number(days * 24, 1)} hours` : `${number(days * 1440, 0)} minutes`;
}

/** A metric with its unit. */
export function figure(value: number | null, unit: string, quote: string): string {
  if (value === null) return NOT_ENOUGH;
  switch (unit) {
    case "percent":
      return percent(value);
    case "count":
    case "bars":
      return number(value, 0) + (unit === "bars" ? " bars" : "");
    case "days":
      return duration(value);
    case "quote":
      return `${money(value)} ${quote}`;
    case "R":
      return `${number(value)}\u00a0R`;
    default:
      return number(value);
  }
}
