import assert from "node:assert/strict";
import test from "node:test";
import { Backoff } from "./backoff";

test("waiting grows to its limit and starts over", () => {
  const backoff = new Backoff(1000, 3000);
  const delays = [1, 2, 3, 4, 5].map(() => backoff.next(0.5));
  assert.deepEqual(delays, [1000, 1500, 2250, 3000, 3000]);
  assert.equal(backoff.next(0), 2250);
  backoff.reset();
  assert.equal(backoff.next(0.5), 1000);
});
