// The page in states that a real server gets into rarely, against a server made up in the browser's network layer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, new_page } from "./browser.mjs";
import { camera, FakeServer, make_video } from "./fake_server.mjs";

let browser;
let video;
const fakes = [];
before(async () => {
  browser = await launch();
  video = make_video();
});
after(async () => {
  for (const fake of fakes) fake.close();
  await browser?.close();
});

/** A page on a server with these cameras. */
async function open_page({ cameras = [], options = {}, prepare = () => {}, path = "" }) {
  const fake = new FakeServer(cameras);
  fakes.push(fake);
  fake.video = video;
  prepare(fake);
  const page = await new_page(browser, options);
  page.setDefaultTimeout(10_000);
  await page.goto((await fake.attach(page)) + path);
  if (path) await page.locator('.tile[data-mode="single"], .tile[data-mode="grid"]').first().waitFor(); // Keys mean the camera once it is known.
  return { page, fake };
}
const tile = (page, name) => page.locator(`.tile[data-camera=${JSON.stringify(name)}]`);
const moves = (page, name) =>
  page.waitForFunction((camera) => (window.__pasu.drawn(camera)?.pts ?? 0) > 0, name, { timeout: 15_000 });
async function ends_well(page) {
  assert.deepEqual(page.errors, []);
  await page.context().close();
}

test("every state says what it is and what to do", async () => {
  const { page } = await open_page({
    cameras: [
      camera("gate"),
      camera("lobby", { state: "lost", reason: "10.0.0.9 refuses the connection; check its power", retry_at: new Date(Date.now() + 60e3).toISOString() }),
      camera("yard", { state: "degraded", reason: "the server is too busy; lower fps" }),
      camera("corridor", { state: "asleep" }),
      camera("dock", { state: "unsupported", reason: "the camera sends vp9; set it to H.264" }),
      camera("hall", { state: "connecting" }),
      camera("drone", { state: "waiting", reason: "nobody publishes to it; push to this server", config: { url: "publish" } }),
      camera("store", { state: "disabled", config: { enabled: false } }),
    ],
  });
  await tile(page, "lobby").getByText(/Lost since \d\d:\d\d/).waitFor();
  await tile(page, "lobby").getByText("10.0.0.9 refuses the connection; check its power.").waitFor();
  await tile(page, "lobby").getByText(/Next attempt in \d+ s/).waitFor();
  await tile(page, "dock").getByText("The camera sends vp9; set it to H.264.").waitFor();
  await tile(page, "hall").getByText("Connecting").waitFor();
  await tile(page, "drone").getByText("Waiting for a publisher").waitFor();
  await tile(page, "drone").getByText("Nobody publishes to it; push to this server.").waitFor();
  assert.equal(await tile(page, "drone").getByRole("button", { name: "Try now" }).count(), 0, "there is nothing to try");
  await tile(page, "store").getByRole("button", { name: "Switch on" }).click();
  await page.waitForSelector('.tile[data-camera="store"][data-state="live"]');
  await tile(page, "yard").getByRole("button", { name: /Open yard\. Degraded/ }).click();
  await page.keyboard.press("i");
  await page.getByRole("complementary", { name: "yard" }).getByText("The server is too busy; lower fps.").waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("complementary", { name: "corridor" }).getByText(/it wakes by itself/).waitFor();
  await ends_well(page);
});

test("a name with HTML in it is text, and Korean names are found", async () => {
  const odd = '<img src=x onerror="window.hacked=1">';
  const { page } = await open_page({ cameras: [camera(odd), camera("주차장 입구"), camera("gate")] });
  await page.getByText(odd).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.insertText("주차");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "주차장 입구" }).waitFor();
  assert.equal(new URL(page.url()).hash, `#/camera/${encodeURIComponent("주차장 입구")}`);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  await ends_well(page);
});

test("a camera's address opens it; a dead one leads to the grid", async () => {
  const { page } = await open_page({ cameras: [camera("a"), camera("b")], path: "#/camera/b" });
  await page.getByRole("heading", { name: "b" }).waitFor();
  await page.goto("about:blank");
  await page.goto("http://pasu.test/#/camera/gone");
  await tile(page, "a").waitFor();
  assert.equal(new URL(page.url()).hash, "#/");
  await ends_well(page);
});

test("a server that goes away is said calmly, and all resumes by itself", async () => {
  const { page, fake } = await open_page({ cameras: [camera("gate"), camera("old")] });
  await moves(page, "gate");
  await fake.go_down();
  await page.getByText(/The server does not answer\. .* Trying again/).waitFor();
  assert.ok(await tile(page, "gate").locator(".tile-still").evaluate((still) => still.width > 300), "the last frame stays");
  fake.cameras = [camera("gate"), camera("new")];
  fake.up = true;
  await tile(page, "new").waitFor({ timeout: 15_000 });
  await tile(page, "old").waitFor({ state: "detached" });
  assert.equal(await page.locator(".connection").count(), 0);
  await page.waitForFunction(() => window.__pasu.delay_s("gate") !== undefined, undefined, { timeout: 15_000 });
  await ends_well(page);
});

test("a codec that this browser lacks is said", async () => {
  const { page } = await open_page({
    cameras: [camera("gate")],
    prepare: (fake) => (fake.mime = 'video/mp4; codecs="hvc9.1.6.L93"'),
  });
  await tile(page, "gate").getByText(/cannot play hvc9\.1\.6\.L93\. .*set the camera to H\.264/).waitFor();
  await ends_well(page);
});

test("more cameras than the device can play: the rest are stills", async () => {
  const cameras = Array.from({ length: 12 }, (_, i) =>
    camera(`c${i}`, { width: 3840, height: 2160, figures: { source_fps: 30 } }),
  );
  const { page } = await open_page({ cameras });
  await moves(page, "c0");
  assert.ok((await page.getByText("still", { exact: true }).count()) >= 4);
  assert.ok((await page.locator("video[src]").count()) < 12);
  await ends_well(page);
});

test("the refusal of a camera stands at its field, and what was written stays", async () => {
  const { page } = await open_page({
    cameras: [camera("gate")],
    prepare: (fake) => (fake.refuse = { message: "url: 'ftp:' is no kind of camera address; use rtsp://", field: "url" }),
  });
  await tile(page, "gate").waitFor();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog", { name: "Add a camera" });
  await dialog.getByLabel("Address").fill("ftp://10.0.0.7/live");
  assert.equal(await dialog.getByLabel("Name").inputValue(), "10.0.0.7");
  await page.keyboard.press("Enter");
  await dialog.getByText("is no kind of camera address; use rtsp://").waitFor();
  assert.equal(await dialog.getByLabel("Address").inputValue(), "ftp://10.0.0.7/live");
  assert.equal(await dialog.getByLabel("Address").getAttribute("aria-invalid"), "true");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await ends_well(page);
});

test("removing asks first, and can be undone", async () => {
  const { page, fake } = await open_page({ cameras: [camera("gate"), camera("yard")], path: "#/camera/gate" });
  await page.keyboard.press("i");
  const sheet = page.getByRole("complementary", { name: "gate" });
  await sheet.getByRole("button", { name: "Remove camera …" }).click();
  await sheet.getByRole("button", { name: "Keep" }).click();
  await sheet.getByRole("button", { name: "Remove camera …" }).click();
  await sheet.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("gate is removed.").waitFor();
  await tile(page, "gate").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await tile(page, "gate").waitFor();
  assert.deepEqual(fake.cameras.map((each) => each.name), ["yard", "gate"]);
  await ends_well(page);
});

test("settings are saved once something changed; a renamed camera stays open", async () => {
  const { page, fake } = await open_page({ cameras: [camera("gate")], path: "#/camera/gate" });
  await page.keyboard.press("i");
  const sheet = page.getByRole("complementary");
  const save = sheet.getByRole("button", { name: "Save" });
  assert.ok(await save.isDisabled());
  await sheet.getByLabel("Name").fill("정문");
  await sheet.getByLabel("Pictures analysed a second").fill("8");
  await save.click();
  await page.getByRole("heading", { name: "정문" }).first().waitFor();
  assert.equal(fake.cameras[0].config.fps, 8);
  await ends_well(page);
});

test("a figure says what it means", async () => {
  const { page } = await open_page({
    cameras: [camera("gate", { figures: { drops: { queue_full: 12 } } })],
    path: "#/camera/gate",
  });
  await page.keyboard.press("i");
  await page.getByRole("button", { name: "Cost 31 CPU-ms/s" }).click();
  await page.getByText(/Milliseconds of one processor core/).waitFor();
  await page.getByRole("button", { name: "Dropped 12" }).click();
  await page.getByText(/by cause: queue full 12/).waitFor();
  await ends_well(page);
});

test("Korean where the browser asks for it, English at the press of a button, remembered", async () => {
  const { page } = await open_page({ options: { locale: "ko-KR" } });
  await page.getByRole("heading", { name: "아직 카메라가 없습니다" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
  await page.getByRole("button", { name: "View in English" }).click();
  await page.getByRole("heading", { name: "No camera yet" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "No camera yet" }).waitFor();
  await ends_well(page);
});

test("in Korean the server's reasons and refusals are Korean, and what has no code is the server's own", async () => {
  const { page } = await open_page({
    cameras: [
      camera("lobby", { state: "lost", reason: "10.0.0.9:554: no connection within 10 s", reason_code: "silent" }),
      camera("dock", { state: "unsupported", reason: "a kind of its own; ask the maker", reason_code: "of_tomorrow" }),
      camera("drone", { state: "waiting", reason: "nobody publishes to it; push", reason_code: "no_publisher" }),
    ],
    prepare: (fake) => (fake.refuse = { message: "url: 'ftp:' is no kind of camera address", field: "url", detail: "scheme" }),
    options: { locale: "ko-KR" },
  });
  await tile(page, "lobby").getByText(/카메라가 응답하지 않습니다/).waitFor();
  await tile(page, "lobby").getByTitle("10.0.0.9:554: no connection within 10 s").waitFor();
  await tile(page, "dock").getByText("A kind of its own; ask the maker.").waitFor();
  await tile(page, "drone").getByText("송출 대기 중").waitFor();
  await tile(page, "drone").getByText(/아무도 영상을 보내지 않습니다/).waitFor();
  await page.keyboard.press("a");
  await page.getByRole("dialog").getByLabel("주소").fill("ftp://10.0.0.7/live");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("카메라 주소로 쓸 수 없는 형식입니다. rtsp://, rtmp://, http:// 또는 파일 경로를 쓰세요.").waitFor();
  await page.keyboard.press("Escape");
  await ends_well(page);
});

test("by keyboard alone: arrows choose a tile, Enter opens, Escape returns to it", async () => {
  const { page } = await open_page({ cameras: ["a", "b", "c", "d"].map((name) => camera(name)) });
  await tile(page, "d").waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.closest(".tile")?.dataset.camera);
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(), "a");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "d");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "d" }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.getByRole("heading", { name: "c" }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForSelector('.stage[data-view="grid"]');
  assert.equal(await focused(), "c");
  await ends_well(page);
});

test("every control has a name", async () => {
  const { page } = await open_page({ cameras: [camera("gate"), camera("yard")], path: "#/camera/gate" });
  await page.keyboard.press("i");
  await page.getByRole("complementary", { name: "gate" }).waitFor();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, a")]
      .filter((control) => !(control.ariaLabel || control.textContent?.trim() || control.labels?.length))
      .map((control) => control.outerHTML),
  );
  assert.deepEqual(nameless, []);
  await ends_well(page);
});

test("on a phone: one column, the sheet below the video, nothing wider than the screen", async () => {
  const { page } = await open_page({
    cameras: [camera("gate"), camera("a camera with quite a long name, longer than a phone is wide")],
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  });
  await tile(page, "gate").waitFor();
  const box = await tile(page, "gate").boundingBox();
  assert.deepEqual([box.x, Math.round(box.width)], [0, 390]);
  await tile(page, "gate").getByRole("button").tap();
  const sheet = page.getByRole("complementary", { name: "gate" });
  await sheet.waitFor();
  await page.waitForTimeout(400); // The tile glides.
  const video_box = await tile(page, "gate").boundingBox();
  const sheet_box = await sheet.boundingBox();
  assert.ok(sheet_box.y >= video_box.y + video_box.height - 1, "the sheet covers the video");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await ends_well(page);
});
