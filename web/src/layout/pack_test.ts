import assert from "node:assert/strict";
import test from "node:test";
import { fit, pack, type Stage } from "./pack";

const kWide = 16 / 9;
const kDesktop: Stage = { width: 1440, height: 852, gap: 4, tile_width_min: 200, one_column: false };
const wides = (count: number) => Array<number>(count).fill(kWide);
const area = (rects: { width: number; height: number }[]) => rects.reduce((sum, r) => sum + r.width * r.height, 0);

/** Where each row begins. */
function rows_of(rects: { y: number }[]): number[] {
  const rows = new Map<number, number>();
  for (const { y } of rects) rows.set(Math.round(y), (rows.get(Math.round(y)) ?? 0) + 1);
  return [...rows.values()];
}

test("no cameras, no tiles; no room, no tiles", () => {
  assert.deepEqual(pack([], kDesktop), { rects: [], height: 0 });
  assert.deepEqual(pack(wides(3), { ...kDesktop, width: 0 }).rects, []);
});

test("rows of equal cameras are as expected", () => {
  assert.deepEqual(rows_of(pack(wides(1), kDesktop).rects), [1]);
  assert.deepEqual(rows_of(pack(wides(3), kDesktop).rects), [1, 2]);
  assert.deepEqual(rows_of(pack(wides(4), kDesktop).rects), [2, 2]);
  assert.deepEqual(rows_of(pack(wides(9), kDesktop).rects), [3, 3, 3]);
  assert.deepEqual(rows_of(pack(wides(16), kDesktop).rects), [4, 4, 4, 4]);
});

for (let count = 1; count <= 40; ++count) {
  test(`${count} cameras of mixed shapes: own ratio, inside, apart, in order`, () => {
    const aspects = Array.from({ length: count }, (_, i) => [kWide, 4 / 3, 9 / 16, 1, 2.4][(i * 7) % 5] ?? 1);
    const { rects } = pack(aspects, kDesktop);
    assert.equal(rects.length, count);
    rects.forEach((rect, i) => {
      assert.ok(Math.abs(rect.width / rect.height - (aspects[i] ?? 0)) < 1e-6);
      assert.ok(rect.x >= -1e-6 && rect.y >= -1e-6 && rect.x + rect.width <= kDesktop.width + 1e-6);
      for (const other of rects.slice(i + 1)) {
        const apart =
          other.x >= rect.x + rect.width + kDesktop.gap - 1e-6 || other.y >= rect.y + rect.height + kDesktop.gap - 1e-6;
        assert.ok(apart, "tiles overlap or are out of order");
      }
    });
  });
}

test("a wall of cameras covers most of the stage", () => {
  for (const count of [1, 2, 3, 4, 6, 8, 9, 12, 16]) {
    const { rects, height } = pack(wides(count), kDesktop);
    assert.ok(height <= kDesktop.height + 1e-6, `${count} cameras fit`);
    const covered = area(rects) / (kDesktop.width * kDesktop.height);
    assert.ok(covered > 0.65 || count === 2, `${count} cameras cover ${covered.toFixed(2)}`);
  }
});

test("many cameras scroll rather than shrink", () => {
  const { rects, height } = pack(wides(100), kDesktop);
  assert.ok(height > kDesktop.height);
  assert.ok(rects.every((rect) => rect.width >= kDesktop.tile_width_min));
});

test("a phone has one column of full width", () => {
  const { rects, height } = pack([kWide, 4 / 3], { ...kDesktop, width: 390, height: 700, one_column: true });
  assert.deepEqual(rects.map((r) => [r.x, Math.round(r.y), r.width]), [[0, 0, 390], [0, 223, 390]]);
  assert.equal(Math.round(height), 516);
});

test("one camera fits the stage in its own shape", () => {
  assert.deepEqual(fit(2, 1000, 1000), { x: 0, y: 250, width: 1000, height: 500 });
  assert.deepEqual(fit(0.5, 1000, 1000), { x: 250, y: 0, width: 500, height: 1000 });
});
