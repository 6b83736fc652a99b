import assert from "node:assert/strict";
import test from "node:test";
import { suggest_name } from "./suggest_name";

for (const [url, name] of [
  ["rtsp://admin:secret@192.168.1.20:554/stream1", "192.168.1.20"],
  ["rtsp://user:p@ss@gate.local/live?channel=1", "gate.local"],
  ["demo/vtest.avi", "vtest"],
  ["/var/video/정문 카메라.mp4", "정문 카메라"],
  ["  rtmp://10.0.0.7/app/key ", "10.0.0.7"],
  ["<script>.avi", "script"],
  ["", ""],
] as const) {
  test(`${url || "nothing"} is called ${name || "nothing"}`, () => assert.equal(suggest_name(url, []), name));
}

test("a name that is taken gets a number", () => {
  assert.equal(suggest_name("a/door.mp4", ["door", "door 2"]), "door 3");
});
