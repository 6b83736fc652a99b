import assert from "node:assert/strict";
import test from "node:test";
import { budget_of, choose_playing } from "./budget";

const camera = (name: string, pixels: number) => ({ name, pixels });

test("cameras play in order until the budget is spent; a smaller one may still fit", () => {
  const wishes = [camera("a", 40), camera("b", 40), camera("c", 40), camera("d", 20)];
  assert.deepEqual([...choose_playing(wishes, 100)], ["a", "b", "d"]);
});

test("one camera plays whatever it costs", () => {
  assert.deepEqual([...choose_playing([camera("8k", 1e9), camera("b", 1)], 100)], ["8k"]);
});

test("eight 720p cameras at 15 frames a second play on two cores, sixteen do not", () => {
  const wall = Array.from({ length: 16 }, (_, i) => camera(String(i), 1280 * 720 * 15));
  assert.equal(choose_playing(wall, budget_of(2)).size, 8);
});
