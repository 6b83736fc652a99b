import assert from "node:assert/strict";
import test from "node:test";
import { catch_up, target_delay } from "./catch_up";

const at = (time: number, ranges: [number, number][], rate = 1, frame_s = 0.04) =>
  catch_up({ time, ranges, rate, frame_s });

for (const [name, move, expected] of [
  ["nothing buffered: waits", at(0, []), { rate: 1 }],
  ["at the start: jumps near the newest frame", at(0, [[100, 110]]), { seek: 109.5, rate: 1 }],
  ["at the start with little buffered: begins with the key frame", at(0, [[100, 100.2]]), { seek: 100, rate: 1 }],
  ["half a second behind: as it is", at(109.5, [[100, 110]]), { rate: 1 }],
  ["a little behind: hurries", at(109.1, [[100, 110]]), { rate: 1.1 }],
  ["more than that: hurries more", at(108.5, [[100, 110]]), { rate: 1.3 }],
  ["hurrying goes on until it is there", at(109.4, [[100, 110]], 1.1), { rate: 1.1 }],
  ["hurrying ends", at(109.47, [[100, 110]], 1.1), { rate: 1 }],
  ["far behind: jumps", at(105, [[100, 110]]), { seek: 109.5, rate: 1 }],
  ["almost dry: slows down", at(109.8, [[100, 110]]), { rate: 0.95 }],
  ["in a piece that ended: jumps to the newest", at(99.99, [[90, 100], [103, 104]]), { seek: 103.5, rate: 1 }],
  ["past the end: the clock went back", at(500, [[0, 1]]), { seek: 0.5, rate: 1 }],
  ["one frame a second: keeps two frames", at(108, [[100, 110]], 1, 1), { rate: 1 }],
] as const) {
  test(name, () => assert.deepEqual(move, expected));
}

test("the wanted delay grows with slow cameras, to a limit", () => {
  assert.equal(target_delay(0.04), 0.5);
  assert.equal(target_delay(0.5), 1);
  assert.equal(target_delay(10), 3);
});
