import assert from "node:assert/strict";
import test from "node:test";
import { field_trouble, sentence } from "./sentence";

test("a reason stands alone as a sentence; an address or a quoted word keeps its letters", () => {
  assert.equal(sentence("the server is too busy"), "The server is too busy.");
  assert.equal(sentence("rtsp://10.0.0.9/a refuses the connection"), "rtsp://10.0.0.9/a refuses the connection.");
  assert.equal(sentence("demo/none.avi is not there; check the path."), "demo/none.avi is not there; check the path.");
  assert.equal(sentence("'ftp:' is no address"), "'ftp:' is no address.");
  assert.equal(sentence(""), "");
});

test("what is wrong with a field names it as the page does", () => {
  assert.equal(field_trouble("url: is empty; write an address", "url", "Address"), "Address is empty; write an address.");
  assert.equal(field_trouble("is empty; write an address", "url", "Address"), "Address is empty; write an address.");
  assert.equal(field_trouble("url: 'ftp:' is no kind", "url", "Address"), "'ftp:' is no kind.");
  assert.equal(field_trouble("a camera 'gate' is there already", "name", "Name"), "A camera 'gate' is there already.");
});
