// Reduce a series to the resolution of the screen, keeping every peak and valley.

/** Places of the bars to draw, in order: of each stretch the first, the lowest and highest of every column,
 * and others until every stretch has as many. */
export function places(columns: Float64Array[], most: number): Int32Array {
  const size = columns[0]?.length ?? 0;
  const each = 1 + 2 * columns.length;
  if (size <= most) return Int32Array.from({ length: size }, (_, i) => i);
  const stretches = Math.max(1, Math.floor(most / each));
  const found = new Set<number>();
  for (let k = 0; k < stretches; k++) {
    const start = Math.floor((k * size) / stretches);
    const stop = Math.floor(((k + 1) * size) / stretches);
    const there = found.size;
    found.add(start);
    for (const column of columns) {
      let low = start;
      let high = start;
      for (let i = start; i < stop; i++) {
        if (column[i]! < column[low]!) low = i;
        if (column[i]! > column[high]!) high = i;
      }
      found.add(low).add(high);
    }
    // As many places in every stretch, because a chart sets them equally far apart.
    for (let i = start; found.size < there + each && i < stop; i += Math.max(1, Math.floor((stop - start) / each / 2))) found.add(i);
  }
  found.add(size - 1);
  return Int32Array.from(found).sort();
}

/** The lowest and the highest of all values. */
export function extremes(columns: Float64Array[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) {
    for (const value of column) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** The index of the first value that is not below `wanted` in an ascending column; its length if there is none. */
export function placeOf(ascending: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
