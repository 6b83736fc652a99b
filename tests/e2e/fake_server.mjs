// A server that exists only inside the browser's network layer: for states that a real one gets into rarely.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const kDist = process.env.PASU_PAGE ?? fileURLToPath(new URL("../../web/dist", import.meta.url));
const kTypes = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const kFps = 10;
const kGop = 10;

/** A minute of a moving test picture as fragmented MP4: the init segment, and one fragment a frame. */
export function make_video(size = "640x360") {
  const mp4 = execFileSync(
    "ffmpeg",
    `-v error -f lavfi -i testsrc2=size=${size}:rate=${kFps}:duration=60 -c:v libx264 -profile:v high -pix_fmt yuv420p -bf 0
     -g ${kGop} -preset ultrafast -movflags empty_moov+default_base_moof+frag_every_frame -f mp4 -`.split(/\s+/),
    { maxBuffer: 1 << 28 },
  );
  const parts = [];
  for (let at = 0; at + 8 <= mp4.length; ) {
    const size = mp4.readUInt32BE(at);
    parts.push({ type: mp4.toString("latin1", at + 4, at + 8), bytes: mp4.subarray(at, at + size) });
    at += size;
  }
  const of = (...types) => parts.filter((part) => types.includes(part.type)).map((part) => part.bytes);
  const data = of("mdat");
  return { init: Buffer.concat(of("ftyp", "moov")), fragments: of("moof").map((moof, i) => Buffer.concat([moof, data[i]])) };
}

export function camera(name, changes = {}) {
  const { figures, config, ...rest } = changes;
  return {
    name,
    config: { name, url: `rtsp://192.168.1.20/${encodeURIComponent(name)}`, fps: 5, enabled: true, ...config },
    state: "live",
    reason: "",
    since: new Date(Date.now() - 3600e3).toISOString(),
    people: 0,
    width: 640,
    height: 360,
    codec: "h264",
    figures: {
      source_fps: 10, decoded_fps: 10, awake: true, awake_why: "person", wakes: 3, analysed_fps: 5, bit_rate: 1.2e6, cpu_ms_per_s: 31, latency_ms: 42, drops: {}, reconnects: 0,
      viewers: 1, stream_readers: 0, stream_lost: 0, ...figures,
    },
    ...rest,
  };
}

export class FakeServer {
  constructor(cameras = []) {
    this.cameras = cameras;
    this.up = true;
    this.video = undefined;
    this.mime = 'video/mp4; codecs="avc1.640028"';
    this.started = Date.now();
    this.sockets = new Set();
    this.timers = new Set();
    /** Detections for a presentation time. */
    this.detect = () => [];
  }

  async attach(page) {
    await page.route("http://pasu.test/**", (route) => this.answer(route));
    await page.routeWebSocket(/\/api\/v1\/live$/, (socket) => this.live(socket));
    await page.routeWebSocket(/\/video$/, (socket) => this.watch(socket));
    return "http://pasu.test/";
  }
  /** As a server that was killed: connections break, new ones fail. */
  async go_down() {
    this.up = false;
    for (const socket of this.sockets) await socket.close({ code: 1001 });
    this.sockets.clear();
  }
  close() {
    for (const timer of this.timers) clearInterval(timer);
  }

  every(socket, ms, run) {
    const timer = setInterval(run, ms);
    this.timers.add(timer);
    socket.onClose(() => {
      clearInterval(timer);
      this.sockets.delete(socket);
    });
  }

  answer(route) {
    if (!this.up) return route.abort("connectionrefused");
    const url = new URL(route.request().url());
    const name = decodeURIComponent(url.pathname.split("/")[4] ?? "");
    const body = route.request().postDataJSON?.();
    const json = (status, value) => route.fulfill({ status, contentType: "application/json", body: JSON.stringify(value) });
    const error = (status, message, more) => json(status, { error: { code: "x", message, ...more } });
    if (!url.pathname.startsWith("/api/")) {
      const file = url.pathname === "/" ? "/index.html" : url.pathname;
      return route.fulfill({ contentType: kTypes[extname(file)], body: readFileSync(kDist + file) });
    }
    if (url.pathname.endsWith("/frame.jpeg")) return error(503, "no picture yet");
    const at = this.cameras.findIndex((each) => each.name === name);
    switch (route.request().method()) {
      case "GET":
        return json(200, this.cameras);
      case "POST":
        if (this.refuse) return error(400, this.refuse.message, this.refuse);
        this.cameras.push(camera(body.name, { state: "connecting", config: body }));
        return json(201, this.cameras.at(-1));
      case "PUT":
        this.cameras[at] = camera(body.name, { config: body });
        return json(200, this.cameras[at]);
      case "DELETE":
        this.cameras.splice(at, 1);
        return route.fulfill({ status: 204 });
    }
  }

  live(socket) {
    if (!this.up) return void socket.close({ code: 1001 });
    this.sockets.add(socket);
    const send = (message) => socket.send(JSON.stringify(message));
    const server = () => {
      const live = this.cameras.filter((each) => each.state === "live").length;
      return {
        version: "0.1.0", started: new Date(this.started - 7200e3).toISOString(), now: new Date().toISOString(),
        model: "person (int8, 320x192)", cores: 4, cpu: 0.62, rss_mb: 212, cameras: this.cameras.length, cameras_live: live, cameras_awake: live, analysed_share: 1, key_frames_only: "none",
        people: this.cameras.reduce((sum, each) => sum + each.people, 0), headroom_cameras: 14, rtsp_port: 8554, rtmp_port: 1935, ...this.server,
      };
    };
    const state = () => {
      send({ type: "server", server: server() });
      for (const each of this.cameras) send({ type: "camera", camera: each });
    };
    state();
    this.every(socket, 1000, state);
    this.every(socket, 200, () => {
      const pts = Math.floor(this.position() / 2) * 2 / kFps;
      for (const { name, width, height } of this.cameras)
        send({ type: "detections", camera: name, pts, width, height, detections: this.detect(pts, name) });
    });
  }

  /** The frame that the cameras are at. */
  position() {
    return Math.floor(((Date.now() - this.started) / 1000) * kFps);
  }

  watch(socket) {
    if (!this.up) return void socket.close({ code: 1001 });
    this.sockets.add(socket);
    const name = decodeURIComponent(new URL(socket.url()).pathname.split("/")[4]);
    const found = this.cameras.find((each) => each.name === name);
    if (!this.video || found?.state === "lost" || found?.state === "waiting") return;
    socket.send(JSON.stringify({ type: "start", mime: this.mime, width: 640, height: 360 }));
    socket.send(this.video.init);
    let next = Math.floor(this.position() / kGop) * kGop;
    this.every(socket, 50, () => {
      for (; next <= this.position() && next < this.video.fragments.length; ++next) socket.send(this.video.fragments[next]);
    });
  }
}
