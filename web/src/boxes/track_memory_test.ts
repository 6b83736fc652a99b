import assert from "node:assert/strict";
import test from "node:test";
import type { Box, Detections } from "../api/types";
import { TrackMemory } from "./track_memory";

function frame(pts: number, boxes: Record<number, Box>, velocity: [number, number] = [0, 0]): Detections {
  return {
    type: "detections",
    camera: "gate",
    pts,
    width: 768,
    height: 576,
    detections: Object.entries(boxes).map(([track, box]) => ({
      label: "person",
      score: 0.5 + Number(track) / 100,
      box,
      track: Number(track),
      velocity,
    })),
  };
}
function memory_of(...frames: Detections[]): TrackMemory {
  const memory = new TrackMemory();
  for (const each of frames) memory.add(each);
  return memory;
}

test("on an analysed frame the boxes are the server's own", () => {
  const memory = memory_of(frame(10, { 1: [100, 50, 20, 40] }, [30, 0]), frame(10.2, { 1: [110, 50, 20, 40] }, [30, 0]));
  assert.deepEqual(memory.at(10), [{ track: 1, label: "person", score: 0.51, box: [100, 50, 20, 40], opacity: 1 }]);
  assert.deepEqual(memory.at(10.2)[0]?.box, [110, 50, 20, 40]);
});

test("a presentation time rounded by the browser is the same frame", () => {
  const memory = memory_of(frame(10.0333333, { 1: [100, 50, 20, 40] }), frame(10.2, { 1: [180, 50, 20, 40] }));
  assert.deepEqual(memory.at(10.033)[0]?.box, [100, 50, 20, 40]);
  assert.deepEqual(memory.at(10.0341)[0]?.box, [100, 50, 20, 40]);
});

test("between analysed frames a box glides from one to the next", () => {
  const memory = memory_of(frame(10, { 1: [100, 50, 20, 40] }), frame(10.4, { 1: [140, 90, 24, 48] }));
  assert.deepEqual(memory.at(10.1)[0]?.box.map(Math.round), [110, 60, 21, 42]);
  assert.deepEqual(memory.at(10.2)[0]?.box.map(Math.round), [120, 70, 22, 44]);
});

test("before its first frame a track is not drawn", () => {
  assert.deepEqual(memory_of(frame(10, { 1: [0, 0, 9, 9] })).at(9.9), []);
  assert.deepEqual(new TrackMemory().at(5), []);
});

test("past the newest frame a track goes on with its velocity, then stops, then fades", () => {
  const memory = memory_of(frame(9.8, { 1: [96, 50, 20, 40] }), frame(10, { 1: [100, 50, 20, 40] }, [20, -10]));
  assert.deepEqual(memory.at(10.5)[0]?.box.map(Math.round), [110, 45, 20, 40]);
  assert.deepEqual(memory.at(10.9)[0]?.box.map(Math.round), [112, 44, 20, 40]);
  assert.equal(memory.at(10.9)[0]?.opacity, 1);
  const fading = memory.at(11.15)[0]?.opacity ?? 0;
  assert.ok(fading > 0.3 && fading < 0.8, `opacity ${fading}`);
  assert.deepEqual(memory.at(11.5), []);
});

test("a track missing from an analysed frame fades from that frame on", () => {
  const memory = memory_of(frame(10, { 1: [0, 0, 9, 9], 2: [50, 0, 9, 9] }), frame(10.2, { 2: [50, 0, 9, 9] }));
  assert.equal(memory.at(10.1).find((shown) => shown.track === 1)?.opacity, 1);
  const fading = memory.at(10.35).find((shown) => shown.track === 1)?.opacity ?? 0;
  assert.ok(fading > 0.3 && fading < 0.8, `opacity ${fading}`);
  assert.deepEqual(memory.at(10.6).map((shown) => shown.track), [2]);
});

test("a track seen again shortly after glides through the frames that missed it", () => {
  const memory = memory_of(frame(10, { 1: [0, 0, 9, 9] }), frame(10.2, {}), frame(10.4, { 1: [40, 0, 9, 9] }));
  assert.deepEqual(memory.at(10.2)[0]?.box.map(Math.round), [20, 0, 9, 9]);
  assert.equal(memory.at(10.2)[0]?.opacity, 1);
});

test("one frame analysed every two seconds still glides", () => {
  const memory = memory_of(frame(10, { 1: [0, 0, 9, 9] }), frame(12, { 1: [20, 0, 9, 9] }), frame(14, { 1: [40, 0, 9, 9] }));
  assert.deepEqual(memory.at(13)[0]?.box.map(Math.round), [30, 0, 9, 9]);
});

test("a clock that starts over forgets what was; a repeated frame does not count", () => {
  const memory = memory_of(frame(500, { 1: [0, 0, 9, 9] }), frame(3, { 1: [5, 5, 9, 9] }), frame(3, { 1: [7, 7, 9, 9] }));
  assert.deepEqual(memory.at(3)[0]?.box, [5, 5, 9, 9]);
  assert.deepEqual(memory.at(500), []);
});

test("a night's worth of frames stays bounded", () => {
  const memory = new TrackMemory();
  for (let i = 0; i < 20_000; ++i) memory.add(frame(i / 100, { [i]: [0, 0, 9, 9] }));
  assert.equal((memory as unknown as { trails: Map<number, unknown> }).trails.size, TrackMemory.kFramesMax);
});
