import assert from "node:assert/strict";
import test from "node:test";
import { ink_on, palette_color } from "./palette";

test("tracks take the palette's colours in order and begin again", () => {
  assert.equal(palette_color(0), "#e69f00");
  assert.equal(palette_color(1), "#56b4e9");
  assert.equal(palette_color(7), palette_color(0));
});

test("a label is black on light colours and white on dark ones", () => {
  assert.equal(ink_on("#f0e442"), "#000000");
  assert.equal(ink_on("#0072b2"), "#ffffff");
  assert.equal(ink_on("#ffffff"), "#000000");
});
