// Pictures of the page to look at, in three sizes, dark and light:
//   node tests/e2e/screenshots.mjs OUT             every state, made up
//   node tests/e2e/screenshots.mjs OUT URL         the grid and one camera of a running server
import { mkdirSync } from "node:fs";
import { launch, new_page } from "./browser.mjs";
import { camera, FakeServer, make_video } from "./fake_server.mjs";

const [out, url] = process.argv.slice(2);
if (!out) {
  console.error("usage: node tests/e2e/screenshots.mjs OUT [URL]");
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const kSizes = { desktop: [1440, 900], tablet: [1024, 768], phone: [390, 844] };
const kSchemes = ["dark", "light"];
const kRealSettleMs = 6000;

const in_ms = (ms) => new Date(Date.now() + ms).toISOString();
const kCameras = () => [
  camera("Main gate", { people: 2 }),
  camera("주차장 입구", { people: 1 }),
  camera("Lobby", {
    state: "lost",
    since: in_ms(-9 * 60e3),
    reason: "rtsp://192.168.1.20/lobby refuses the connection; check that the camera has power and that its address is right",
    reason_code: "unreachable",
    retry_at: in_ms(7000),
  }),
  camera("Yard", {
    state: "degraded",
    reason: "the server is too busy to look at every frame it should; lower fps, or watch fewer cameras",
    reason_code: "detector_behind",
    figures: { analysed_fps: 1.8, drops: { queue_full: 120 } },
  }),
  camera("Corridor", { state: "asleep" }),
  camera("Dock", { state: "unsupported", reason: "the camera sends vp9; set it to H.264 or H.265", reason_code: "unsupported" }),
  camera("Drone", {
    state: "waiting",
    reason: "nobody publishes to it; push to the RTSP or RTMP address of this server with /Drone behind it, as a user who may publish",
    reason_code: "no_publisher",
    config: { url: "publish" },
  }),
  camera("Roof", { state: "connecting" }),
  camera("Store", { state: "disabled", config: { enabled: false } }),
];
const walker = (pts) => ({
  label: "person", score: 0.91, box: [40 + ((pts * 30) % 400), 90, 60, 160], track: 3, velocity: [30, 0],
});

/** name, cameras, and what to do before the picture is taken. */
const kScenes = [
  ["states", kCameras(), async () => {}],
  ["lost", kCameras().slice(2, 3), (page) => open_sheet(page, "Lobby")],
  ["degraded", kCameras().slice(3, 4), async (page) => {
    await open_sheet(page, "Yard");
    await page.getByRole("button", { name: /^(Analysed|분석)/ }).click();
  }],
  ["remove", kCameras().slice(0, 1), async (page) => {
    await open_sheet(page, "Main gate");
    await page.getByRole("button", { name: "Remove camera …" }).click();
  }],
  ["empty", [], async () => {}],
  ["empty_korean", [], async () => {}, { locale: "ko-KR" }],
  ["korean", kCameras().slice(1, 4), (page) => open_sheet(page, "주차장 입구"), { locale: "ko-KR" }],
  ["states_korean", kCameras(), async () => {}, { locale: "ko-KR" }],
  ["lost_korean", kCameras().slice(2, 3), (page) => open_sheet(page, "Lobby"), { locale: "ko-KR" }],
  ["add_korean", kCameras().slice(0, 4), async (page) => {
    await page.keyboard.press("a");
    await page.getByRole("dialog").getByLabel("주소").fill("ftp://10.0.0.7/live");
    await page.keyboard.press("Enter");
  }, { locale: "ko-KR" }],
  ["add", kCameras().slice(0, 4), async (page) => {
    await page.keyboard.press("a");
    await page.getByRole("dialog").getByLabel("Address").fill("ftp://10.0.0.7/live");
    await page.keyboard.press("Enter");
  }],
  ["search", kCameras(), async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("o");
  }],
  ["keys", kCameras().slice(0, 4), (page) => page.keyboard.press("?")],
  ["server", kCameras().slice(0, 4), (page) => page.keyboard.press("i")],
  ["offline", kCameras().slice(0, 4), (page, fake) => fake.go_down()],
];

async function open_sheet(page, name) {
  await page.locator(`.tile[data-camera="${name}"] .tile-open`).click();
  if (page.viewportSize().width > 640) await page.keyboard.press("i");
}

const browser = await launch();
async function each_size(run) {
  for (const scheme of kSchemes)
    for (const [size, [width, height]] of Object.entries(kSizes))
      await run(`${size}_${scheme}`, {
        viewport: { width, height },
        colorScheme: scheme,
        ...(size === "phone" ? { deviceScaleFactor: 2, isMobile: true, hasTouch: true } : {}),
      });
}
const shoot = (page, name) => page.screenshot({ path: `${out}/${name}.png` });

if (url) {
  await each_size(async (suffix, options) => {
    const page = await new_page(browser, options);
    await page.goto(url);
    await page.locator(".tile").first().waitFor();
    await page.waitForTimeout(kRealSettleMs);
    await shoot(page, `grid_${suffix}`);
    await page.locator(".tile-open").first().click();
    await page.waitForTimeout(1000);
    await shoot(page, `single_${suffix}`);
    if (!suffix.startsWith("phone")) await page.keyboard.press("i");
    await page.waitForTimeout(1500);
    await shoot(page, `sheet_${suffix}`);
    await page.context().close();
  });
} else {
  const video = make_video();
  for (const [name, cameras, act, more] of kScenes) {
    await each_size(async (suffix, options) => {
      const fake = new FakeServer(structuredClone(cameras));
      fake.video = video;
      fake.refuse = { field: "url", detail: "scheme", message: "url: 'ftp:' is no kind of camera address; use rtsp://, rtmp://, http:// or a path" };
      fake.detect = (pts) => [walker(pts)];
      const page = await new_page(browser, { ...options, ...more });
      await page.goto(await fake.attach(page));
      await page.waitForTimeout(1500);
      await act(page, fake);
      await page.waitForTimeout(900);
      await shoot(page, `${name}_${suffix}`);
      await page.context().close();
      fake.close();
    });
  }
}
await browser.close();
