// From base64 of gzip to the report and its columns; src/wickwork/analytics/report/pack.py packs them.
import type { Packed, PackedCandles, Report } from "./data";

export interface Candles {
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
}

export class Columns {
  constructor(private readonly bytes: Uint8Array) {}

  /** A column of numbers; NaN where it is missing. */
  numbers(packed: Packed): Float64Array {
    const values = packed.decimals === null ? this.floats(packed.at, packed.length) : this.sums(packed, packed.decimals);
    const missing = packed.missing ?? [];
    for (let k = 0; k + 1 < missing.length; k += 2) values.fill(NaN, missing[k], missing[k + 1]);
    return values;
  }

  candles(packed: PackedCandles): Candles {
    if (packed.decimals === null) {
      const [open, close, high, low] = packed.columns.map((part) => this.floats(part.at, part.length)) as Float64Array[];
      return { open: open!, high: high!, low: low!, close: close! };
    }
    const [o, c, h, l] = packed.columns.map((part) => this.integers(part.at, part.length));
    const size = o!.length;
    const made = () => new Float64Array(size);
    const candles = { open: made(), high: made(), low: made(), close: made() };
    const decimals = packed.decimals;
    const scale = 10 ** Math.abs(decimals);
    const value = decimals >= 0 ? (x: number) => x / scale : (x: number) => x * scale;
    let close = 0;
    for (let i = 0; i < size; i++) {
      const open = close + o![i]!;
      close = open + c![i]!;
      candles.open[i] = value(open);
      candles.close[i] = value(close);
      candles.high[i] = value(Math.max(open, close) + h![i]!);
      candles.low[i] = value(Math.min(open, close) - l![i]!);
    }
    return candles;
  }

  private sums(packed: Packed, decimals: number): Float64Array {
    const steps = this.integers(packed.at, packed.length);
    const values = new Float64Array(packed.length);
    const scale = 10 ** Math.abs(decimals);
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      sum += steps[i]!;
      values[i] = decimals >= 0 ? sum / scale : sum * scale;
    }
    return values;
  }

  private floats(at: number, length: number): Float64Array {
    return Float64Array.from(new Float32Array(this.integers(at, length).buffer));
  }

  /** int32 stored by byte planes: the lowest bytes of all values first, then the next ones. */
  private integers(at: number, length: number): Int32Array {
    const b = this.bytes;
    const values = new Int32Array(length);
    const second = at + length;
    const third = second + length;
    const fourth = third + length;
    for (let i = 0; i < length; i++) {
      values[i] = b[at + i]! | (b[second + i]! << 8) | (b[third + i]! << 16) | (b[fourth + i]! << 24);
    }
    return values;
  }
}

export async function unpack(text: string): Promise<{ report: Report; columns: Columns }> {
  const packed = bytesOf(text.trim());
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const report = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Report;
  return { report, columns: new Columns(bytes.subarray(4 + length)) };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
