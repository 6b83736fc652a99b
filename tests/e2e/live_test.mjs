// The page against the real server: video plays, boxes fit the frame on screen, cameras come and go.
// PASU names the program.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, new_page } from "./browser.mjs";
import { kStreet, kWalker, make_street, make_walker, RealServer } from "./real_server.mjs";
import { tmpdir } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

const clips = mkdtempSync(join(tmpdir(), "pasu-e2e-clips-"));
const kWalkerClip = join(clips, "walker.mp4");
const kStreetClip = join(clips, "street.mp4");
const kWrongAddress = "rtsp://127.0.0.1:9/none";

let server;
let browser;
before(async () => {
  make_walker(kWalkerClip);
  make_street(kStreetClip, 12);
  server = await RealServer.start(process.env.PASU, { street: kStreetClip, walker: kWalkerClip, demo: kStreet });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.remove();
  rmSync(clips, { recursive: true, force: true });
});

async function open_page(path = "", options = {}) {
  const page = await new_page(browser, options);
  page.setDefaultTimeout(20_000);
  await page.goto(server.url + path);
  return page;
}
const tile = (page, name) => page.locator(`.tile[data-camera=${JSON.stringify(name)}]`);
const moves = (page, name) =>
  page.waitForFunction((camera) => window.__pasu.delay_s(camera) !== undefined, name, { timeout: 30_000 });
async function ends_well(page) {
  assert.deepEqual(page.errors, []);
  await page.context().close();
}

test("video plays close to live, whether passed on as it is or encoded again", async () => {
  const page = await open_page();
  for (const name of ["street", "walker", "demo"]) {
    await moves(page, name);
    const video = tile(page, name).locator("video");
    const time = () => video.evaluate((element) => element.currentTime);
    // On a busy machine the start is late, and the player jumps once to catch up.
    await page.waitForFunction((camera) => window.__pasu.delay_s(camera) < 1.5, name, { timeout: 30_000 });
    let played = 0;
    for (let tries = 0; tries < 4 && !(played > 1 && played < 4); ++tries) {
      const before = await time();
      await page.waitForTimeout(2000);
      played = (await time()) - before;
    }
    assert.ok(played > 1 && played < 4, `${name} played ${played.toFixed(2)} s in 2 s`);
    const delay = await page.evaluate((camera) => window.__pasu.delay_s(camera), name);
    assert.ok(delay < 1.5, `${name} is ${delay.toFixed(2)} s behind`);
  }
  await ends_well(page);
});

test("boxes on the canvas are the WebSocket's for the frame on screen", async () => {
  const page = await open_page("#/camera/street");
  await moves(page, "street");
  const { compared, worst } = await page.evaluate(async () => {
    const said = new Map(); // Presentation time in milliseconds to detections.
    const socket = new WebSocket(`ws://${location.host}/api/v1/live`);
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.type === "detections" && message.camera === "street") said.set(Math.round(message.pts * 1000), message.detections);
    };
    let compared = 0;
    let worst = 0;
    let last;
    const until = performance.now() + 12_000;
    while (performance.now() < until && compared < 60) {
      await new Promise(requestAnimationFrame);
      const drawn = window.__pasu.drawn("street");
      if (!drawn || drawn.pts === last) continue;
      last = drawn.pts;
      const at = Math.round(drawn.pts * 1000);
      const detections = said.get(at) ?? said.get(at - 1) ?? said.get(at + 1);
      for (const { track, box } of detections ?? []) {
        const mine = drawn.boxes.find((each) => each.track === track);
        // Boxes that came too late for their frame are drawn on the next one.
        if (!mine) continue;
        worst = Math.max(worst, ...box.map((value, i) => Math.abs(value - mine.box[i])));
        ++compared;
      }
    }
    socket.close();
    return { compared, worst };
  });
  assert.ok(compared >= 20, `only ${compared} boxes could be compared`);
  assert.ok(worst < 1, `a box is ${worst.toFixed(2)} pixels off`);
  await ends_well(page);
});

test("the colour of a box is on the canvas where the box is", async () => {
  const page = await open_page("#/camera/street");
  await moves(page, "street");
  const found = await page.waitForFunction(() => {
    const drawn = window.__pasu.drawn("street");
    const canvas = document.querySelector('.tile[data-camera="street"] .tile-boxes');
    const solid = drawn?.boxes.find(({ box: [x, y, w, h], opacity }) => opacity === 1 && x > 0 && y > 30 && x + w < drawn.width && y + h < drawn.height);
    if (!solid) return false;
    // A line two pixels wide lies somewhere in these few, between darker edges; another box may cross it at one height.
    const [x, y, , h] = solid.box;
    const scale = canvas.width / drawn.width;
    const strips = [0.25, 0.5, 0.75].map((at) => canvas.getContext("2d").getImageData(Math.max(0, x * scale - 3), (y + h * at) * scale, 7, 1).data);
    return { pixels: strips.map((data) => [...data]).flat(), track: solid.track };
  });
  const { pixels, track } = await found.jsonValue();
  const palette = ["e69f00", "56b4e9", "009e73", "f0e442", "0072b2", "d55e00", "cc79a7"];
  const expected = [...palette[track % palette.length].match(/../g).map((hex) => parseInt(hex, 16)), 255];
  const matches = Array.from({ length: pixels.length / 4 }, (_, i) => pixels.slice(4 * i, 4 * i + 4).every((value, c) => Math.abs(value - expected[c]) < 40));
  assert.ok(matches.includes(true), `track ${track} is drawn in ${pixels}`);
  await ends_well(page);
});

test("boxes follow the person in the picture, not the clock on the wall", async () => {
  const page = await open_page("#/camera/walker");
  await moves(page, "walker");
  const misses = await page.evaluate(async ({ width, height, marker_size, marker_y }) => {
    const video = document.querySelector('.tile[data-camera="walker"] video');
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const misses = [];
    const until = performance.now() + 10_000;
    while (performance.now() < until && misses.length < 80) {
      const pts = await new Promise((resolve) => video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime)));
      context.drawImage(video, 0, 0, width, height);
      const drawn = window.__pasu.drawn("walker");
      if (drawn?.pts !== pts) continue; // The next frame came meanwhile.
      const { data } = context.getImageData(0, marker_y + marker_size / 2, width, 1);
      let sum = 0;
      let count = 0;
      for (let x = 0; x < width; ++x) if (data[4 * x] > 180 && data[4 * x + 1] < 90 && data[4 * x + 2] > 180) (sum += x), ++count;
      if (count < marker_size / 2) continue;
      const person = drawn.boxes.filter(({ box }) => box[3] > 100).sort((a, b) => b.score - a.score)[0];
      if (person) misses.push(Math.abs(person.box[0] + person.box[2] / 2 - sum / count));
    }
    return misses.sort((a, b) => a - b);
  }, kWalker);
  assert.ok(misses.length >= 20, `the walker was boxed on ${misses.length} frames`);
  const median = misses[Math.floor(misses.length / 2)];
  // 110 pixels a second: boxes drawn by arrival would be half a second, 55 pixels, away.
  assert.ok(median < 15, `boxes are ${median.toFixed(1)} pixels beside the person`);
  await ends_well(page);
});

test("a camera is added, changed and removed on the page", async () => {
  const page = await open_page();
  await tile(page, "street").waitFor();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill(kStreetClip);
  await dialog.getByLabel("Name").fill("정문");
  await dialog.getByRole("button", { name: "Add camera" }).click();
  await moves(page, "정문");
  await tile(page, "정문").getByRole("button").click();
  await page.keyboard.press("i");
  const sheet = page.getByRole("complementary", { name: "정문" });
  await sheet.getByLabel("Pictures analysed a second").fill("3");
  await sheet.getByRole("button", { name: "Save" }).click();
  await page.getByText(/^Saved\./).waitFor();
  const config = await page.evaluate(() => fetch("/api/v1/cameras/" + encodeURIComponent("정문")).then((answer) => answer.json()));
  assert.equal(config.config.fps, 3);
  await moves(page, "정문");
  await sheet.getByRole("button", { name: "Remove camera …" }).click();
  await sheet.getByRole("button", { name: "Remove", exact: true }).click();
  await tile(page, "정문").waitFor({ state: "detached" });
  await ends_well(page);
});

test("a wrong address: refused with a reason, or lost with a remedy", async () => {
  const page = await open_page();
  await tile(page, "street").waitFor();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill("ftp://127.0.0.1/x");
  await dialog.getByRole("button", { name: "Add camera" }).click();
  await dialog.getByText(/no kind of camera address; use rtsp/).waitFor();
  await dialog.getByLabel("Address").fill(kWrongAddress);
  await dialog.getByLabel("Name").fill("wrong");
  await dialog.getByRole("button", { name: "Add camera" }).click();
  await tile(page, "wrong").getByText(/Lost since \d\d:\d\d/).waitFor();
  const reason = await tile(page, "wrong").locator(".plate-reason").textContent();
  assert.match(reason, /127\.0\.0\.1/);
  assert.match(reason, /check/i, `no remedy in: ${reason}`);
  await tile(page, "wrong").getByRole("button", { name: /^Open wrong/ }).click();
  await page.keyboard.press("i");
  await page.getByRole("button", { name: "Remove camera …" }).click();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await tile(page, "wrong").waitFor({ state: "detached" });
  await ends_well(page);
});

test("after a restart of the server the picture comes back by itself", async () => {
  const page = await open_page();
  await moves(page, "street");
  await server.stop();
  await page.getByText(/The server does not answer/).waitFor();
  await server.run();
  await page.locator(".connection").waitFor({ state: "detached" });
  await moves(page, "street");
  await ends_well(page);
});

test("on a phone the camera plays above its sheet", async () => {
  const page = await open_page("", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await moves(page, "street");
  await tile(page, "street").getByRole("button").tap();
  await page.getByRole("complementary", { name: "street" }).getByText("Analysed", { exact: true }).waitFor();
  await moves(page, "street");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await ends_well(page);
});
