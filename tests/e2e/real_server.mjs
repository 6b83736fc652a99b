// A real `pasu serve` on a free port, with clips made for it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const kRoot = fileURLToPath(new URL("../..", import.meta.url));
export const kStreet = join(kRoot, "demo/vtest.avi");
const kStartMs = 30_000;

const free_port = () =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const kNoStreaming = ["rtsp", "rtsps", "rtmp", "rtmps"].map((name) => `${name}_port = 0\n`).join("");

export class RealServer {
  /** Starts `program` with these cameras (name to address) and waits until it answers. */
  static async start(program, cameras) {
    const server = new RealServer();
    server.folder = mkdtempSync(join(tmpdir(), "pasu-e2e-"));
    server.program = program;
    server.port = await free_port();
    server.url = `http://127.0.0.1:${server.port}/`;
    const sections = Object.entries(cameras).map(([name, url]) => `[[camera]]\nname = "${name}"\nurl = "${url}"\nfps = 10\nsleeps = false\n`);
    writeFileSync(
      server.path("pasu.toml"),
      `[server]\nport = ${server.port}\ndata = "${server.path("data")}"\n[streaming]\n${kNoStreaming}\n${sections.join("\n")}`,
    );
    await server.run();
    return server;
  }

  path(name) {
    return join(this.folder, name);
  }

  async run() {
    this.log = "";
    this.process = spawn(this.program, ["serve", "-c", this.path("pasu.toml")], { cwd: kRoot });
    this.gone = new Promise((resolve) => this.process.once("exit", resolve));
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on("data", (text) => (this.log = (this.log + text).slice(-20_000)));
    const deadline = Date.now() + kStartMs;
    while (!(await fetch(`${this.url}healthz`).then((answer) => answer.ok, () => false))) {
      if (this.process.exitCode !== null || Date.now() > deadline) throw new Error(`pasu serve did not start:\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  async stop() {
    this.process?.kill("SIGTERM");
    await this.gone;
  }
  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Centre of the walker's marker from the clip's left edge is this much left of the person's. */
export const kWalker = { width: 768, height: 576, marker_size: 16, marker_y: 130 };

/**
 * Somebody cut out of the street walks to and fro before a plain ground, under a magenta marker straight above, so that a
 * test can see in a picture where the person is without asking the detector. B frames, 25 frames a second, 20 seconds.
 */
export function make_walker(path) {
  const { width, height, marker_size, marker_y } = kWalker;
  const middle = "(110+550*abs(mod(t/5\\,2)-1))"; // 110 pixels a second.
  execFileSync("ffmpeg", [
    ..."-nostdin -v error -y -f lavfi -i".split(" "), `color=0x8c8c8c:size=${width}x${height}:rate=25:duration=20`,
    ..."-f lavfi -i".split(" "), `color=0xff00ff:size=${marker_size}x${marker_size}:rate=25:duration=20`,
    "-i", kStreet,
    "-filter_complex",
    "[2]trim=end_frame=1,crop=90:110:222:208,scale=180:220,loop=-1:1,setpts=N/25/TB[person];" +
      `[0][person]overlay=x='${middle}-w/2':y=200:shortest=1[ground];` +
      `[ground][1]overlay=x='${middle}-w/2':y=${marker_y}:shortest=1`,
    ..."-c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 2 -g 25 -t 20".split(" "), path,
  ]);
}

/** Seconds of the street as H.264. */
export function make_street(path, seconds) {
  execFileSync("ffmpeg", [
    ..."-nostdin -v error -y -i".split(" "), kStreet, "-t", String(seconds),
    ..."-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 20 -an".split(" "), path,
  ]);
}
