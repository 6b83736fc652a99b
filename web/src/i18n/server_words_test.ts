import assert from "node:assert/strict";
import test from "node:test";
import { ko_errors, ko_problems, ko_reasons } from "./server_ko";
import { reason_in, refusal_in } from "./server_words";

test("English is the server's own", () => {
  assert.equal(reason_in("en", "silent"), undefined);
  assert.equal(refusal_in("en", { code: "exists", field: "name" }), undefined);
});

test("Korean goes by the code", () => {
  assert.match(reason_in("ko", "silent")!, /응답하지 않습니다/);
  assert.match(refusal_in("ko", { code: "exists", field: "name" })!, /이미 있습니다/);
  assert.match(refusal_in("ko", { code: "invalid_argument", field: "url", detail: "scheme" })!, /rtsp:/);
});

test("a field's own words go before the general ones", () => {
  assert.match(refusal_in("ko", { code: "invalid_argument", field: "fps", detail: "range" })!, /60/);
  assert.equal(refusal_in("ko", { code: "invalid_argument", field: "new", detail: "range" }), ko_problems["range"]);
});

test("what is not known is left to the server's sentence", () => {
  assert.equal(reason_in("ko", "other"), undefined);
  assert.equal(reason_in("ko", undefined), undefined);
  assert.equal(reason_in("ko", "of a newer server" as "silent"), undefined);
  assert.equal(refusal_in("ko", { code: "malformed" }), undefined);
  assert.equal(refusal_in("ko", { code: "invalid_argument", field: "url", detail: "of a newer server" }), undefined);
  assert.equal(refusal_in("ko", {}), undefined);
});

test("every sentence is one, and Korean", () => {
  for (const text of [...Object.values(ko_reasons), ...Object.values(ko_problems), ...Object.values(ko_errors)]) {
    assert.match(text, /[가-힣].*\.$/);
  }
});
