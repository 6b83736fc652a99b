import assert from "node:assert/strict";
import test from "node:test";
import { parse_live, parse_video } from "./messages";

test("a detections message is taken as it is", () => {
  const message = {
    type: "detections",
    camera: "gate",
    pts: 12.5,
    width: 768,
    height: 576,
    detections: [{ label: "person", score: 0.9, box: [1, 2, 3, 4], track: 7 }],
  };
  assert.deepEqual(parse_live(JSON.stringify(message)), message);
});

for (const [name, text] of [
  ["not JSON", "hello"],
  ["empty", ""],
  ["an array", "[1]"],
  ["null", "null"],
  ["a kind not known yet", '{"type":"weather"}'],
  ["detections without a time", '{"type":"detections","camera":"a","detections":[]}'],
  ["detections that are no list", '{"type":"detections","camera":"a","pts":1,"detections":{}}'],
  ["a camera without its parts", '{"type":"camera","camera":{"name":"a"}}'],
  ["removed without a name", '{"type":"removed"}'],
] as const) {
  test(`live: ${name} is passed over`, () => assert.equal(parse_live(text), undefined));
}

test("video: start and end are told apart, others passed over", () => {
  assert.equal(parse_video('{"type":"start","mime":"video/mp4","width":1,"height":1}')?.type, "start");
  assert.equal(parse_video('{"type":"end","reason":"removed"}')?.type, "end");
  assert.equal(parse_video('{"type":"start"}'), undefined);
  assert.equal(parse_video("{"), undefined);
});
