// Where each camera's tile goes: rows of tiles with their own shapes, filling the stage without letterboxes.

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Packing {
  rects: Rect[];
  /** Height of everything; more than the stage's where it scrolls. */
  height: number;
}
export interface Stage {
  width: number;
  height: number;
  gap: number;
  /** Tiles are not made narrower to avoid scrolling. */
  tile_width_min: number;
  /** One camera below the other, as on a phone. */
  one_column: boolean;
}

/**
 * Packs tiles of the given aspect ratios (width / height) in order. Every tile has exactly its ratio. Of all numbers of rows
 * the one that covers most of the stage is taken; where tiles would get too narrow, the stage scrolls.
 */
export function pack(aspects: readonly number[], stage: Stage): Packing {
  if (aspects.length === 0 || stage.width <= 0 || stage.height <= 0) return { rects: [], height: 0 };
  if (stage.one_column) return place(aspects.map((aspect) => [aspect]), stage, 1);

  let best: Packing | undefined;
  let best_area = 0;
  for (let count = 1; count <= aspects.length; ++count) {
    const rows = split(aspects, count);
    const gaps = stage.gap * (count - 1);
    const natural = rows.reduce((sum, row) => sum + row_height(row, stage), 0);
    const scale = Math.min(1, (stage.height - gaps) / natural);
    if (scale <= 0) break;
    const packing = place(rows, stage, scale);
    const narrowest = Math.min(...packing.rects.map((rect) => rect.width));
    if (narrowest < Math.min(stage.tile_width_min, stage.width)) continue;
    const area = packing.rects.reduce((sum, rect) => sum + rect.width * rect.height, 0);
    if (area > best_area) [best, best_area] = [packing, area];
  }
  return best ?? scrolling(aspects, stage);
}

/** Rows of full width, as many tiles in each as keep their least width. */
function scrolling(aspects: readonly number[], stage: Stage): Packing {
  for (let count = 1; count < aspects.length; ++count) {
    const packing = place(split(aspects, count), stage, 1);
    if (packing.rects.every((rect) => rect.width >= stage.tile_width_min)) return packing;
  }
  return place(aspects.map((aspect) => [aspect]), stage, 1);
}

const sum_of = (row: readonly number[]) => row.reduce((sum, aspect) => sum + aspect, 0);
const row_height = (row: readonly number[], stage: Stage) =>
  Math.max(1, (stage.width - stage.gap * (row.length - 1)) / sum_of(row));

function place(rows: readonly (readonly number[])[], stage: Stage, scale: number): Packing {
  const heights = rows.map((row) => row_height(row, stage) * scale);
  const total = heights.reduce((sum, height) => sum + height, 0) + stage.gap * (rows.length - 1);
  const rects: Rect[] = [];
  let y = Math.max(0, (stage.height - total) / 2);
  if (stage.one_column) y = 0;
  rows.forEach((row, i) => {
    const height = heights[i] ?? 0;
    let x = (stage.width - height * sum_of(row) - stage.gap * (row.length - 1)) / 2;
    for (const aspect of row) {
      rects.push({ x, y, width: height * aspect, height });
      x += height * aspect + stage.gap;
    }
    y += height + stage.gap;
  });
  return { rects, height: total };
}

/** `aspects` in order in `count` rows, as even as can be: least squares of the rows' sums; of equals, the shorter first row. */
function split(aspects: readonly number[], count: number): number[][] {
  const sums = [0];
  for (const aspect of aspects) sums.push((sums[sums.length - 1] ?? 0) + aspect);
  const n = aspects.length;
  const even = (sums[n] ?? 0) / count;
  // cost[k][i]: of the tiles from i on in k rows; next[k][i]: where the first of these rows ends.
  const cost = Array.from({ length: count + 1 }, () => new Float64Array(n + 1).fill(Infinity));
  const next = Array.from({ length: count + 1 }, () => new Int32Array(n + 1));
  cost[0]![n] = 0;
  for (let k = 1; k <= count; ++k) {
    for (let i = n - k; i >= 0; --i) {
      for (let end = i + 1; end <= n - k + 1; ++end) {
        const miss = sums[end]! - sums[i]! - even;
        const total = miss * miss + cost[k - 1]![end]!;
        if (total < cost[k]![i]! - 1e-9) {
          cost[k]![i] = total;
          next[k]![i] = end;
        }
      }
    }
  }
  const rows: number[][] = [];
  for (let k = count, i = 0; k > 0; --k) {
    const end = next[k]![i]!;
    rows.push(aspects.slice(i, end));
    i = end;
  }
  return rows;
}

/** The largest rectangle of `aspect` in the middle of the stage. */
export function fit(aspect: number, width: number, height: number): Rect {
  const w = Math.min(width, height * aspect);
  const h = w / aspect;
  return { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h };
}
