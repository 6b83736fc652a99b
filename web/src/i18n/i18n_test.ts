import assert from "node:assert/strict";
import test from "node:test";
import { en } from "./en";
import { choose_language, fill } from "./i18n";
import { ko } from "./ko";

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();

test("both languages say the same things", () => assert.deepEqual(Object.keys(ko).sort(), Object.keys(en).sort()));

for (const key of Object.keys(en) as (keyof typeof en)[]) {
  test(`${key}: not empty, and the same places to fill in`, () => {
    assert.ok(en[key].trim() && ko[key].trim());
    assert.deepEqual(places(ko[key]), places(en[key]));
  });
}

test("the browser's first language that the page speaks is taken", () => {
  assert.equal(choose_language(["ko-KR", "en"]), "ko");
  assert.equal(choose_language(["fr", "en-US", "ko"]), "en");
  assert.equal(choose_language(["", "de"]), "en");
});

test("places are filled in; unknown ones stay visible", () => {
  assert.equal(fill("{n} of {all}", { n: 3 }), "3 of {all}");
});
