// One camera's live video in one <video>: fragmented MP4 over a WebSocket into Media Source Extensions.
import { parse_video } from "../api/messages";
import type { VideoStart } from "../api/types";
import { Backoff } from "../base/backoff";
import { catch_up } from "./catch_up";

export type PlayerState =
  | { kind: "opening" }
  | { kind: "playing" }
  /** The browser cannot play what the camera sends. */
  | { kind: "unplayable"; mime: string }
  /** The connection broke; the next attempt comes by itself. */
  | { kind: "retrying" }
  /** The server's last word. */
  | { kind: "ended"; reason: string };

type Step = { append: Uint8Array<ArrayBuffer> } | { change_type: string };

/** Played seconds that stay in the buffer. */
const kKeepBehind = 4;
/** Buffers are trimmed once they reach this far back. */
const kTrimBehind = 12;
/** Bytes waiting for the decoder; beyond it the player begins anew at a key frame. */
const kWaitingBytesMax = 24 << 20;
/** So long without data while the camera is live, and the connection is taken for dead. */
const kSilenceMs = 15_000;
/** Somebody may set the camera to another codec meanwhile. */
const kUnplayableRetryMs = 30_000;

// Safari on phones has only the managed kind.
const Source: typeof MediaSource | undefined =
  typeof MediaSource !== "undefined"
    ? MediaSource
    : (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;

export class LivePlayer {
  /** Whether data is expected: a lost camera is silent, and its connection is left alone. */
  expects_data = true;

  private socket: WebSocket | undefined;
  private media: MediaSource | undefined;
  private buffer: SourceBuffer | undefined;
  private object_url = "";
  private mime = "";
  private steps: Step[] = [];
  private waiting_bytes = 0;
  private newest = 0;
  private frame_s = 0.04;
  private heard_at = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval> | undefined;
  private readonly backoff = new Backoff(500, 10_000);

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    /** Called before the video is let go, so that its last frame can be kept. */
    private readonly on_state: (state: PlayerState) => void,
  ) {
    video.muted = true;
    video.disableRemotePlayback = true;
    video.addEventListener("playing", this.playing);
    video.addEventListener("error", this.failed);
  }

  /** Seconds between the newest frame received and the one on screen. */
  get delay_s(): number | undefined {
    return this.newest > 0 && this.video.readyState >= 2 ? this.newest - this.video.currentTime : undefined;
  }

  start(): void {
    if (this.socket) return;
    clearTimeout(this.retry);
    this.on_state({ kind: "opening" });
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heard_at = performance.now();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.heard_at = performance.now();
      if (typeof event.data === "string") this.take_text(event.data);
      else this.take_bytes(new Uint8Array(event.data));
    };
    socket.onclose = () => {
      if (this.socket === socket) this.try_again();
    };
    this.watchdog ??= setInterval(() => this.watch(), 1000);
  }

  /** Lets the video go: connection, buffers and decoder. start() begins anew. */
  stop(): void {
    this.close();
    clearTimeout(this.retry);
    clearInterval(this.watchdog);
    this.watchdog = undefined;
  }

  dispose(): void {
    this.stop();
    this.video.removeEventListener("playing", this.playing);
    this.video.removeEventListener("error", this.failed);
  }

  private readonly playing = () => {
    this.backoff.reset();
    this.on_state({ kind: "playing" });
  };
  private readonly failed = () => {
    if (this.media) this.try_again(); // The decoder gave up: begin anew at the next key frame.
  };

  private try_again(why: PlayerState = { kind: "retrying" }): void {
    this.on_state(why);
    this.close();
    clearTimeout(this.retry);
    const delay = why.kind === "unplayable" ? kUnplayableRetryMs : this.backoff.next(Math.random());
    this.retry = setTimeout(() => this.start(), delay);
  }

  private close(): void {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    this.release_media();
  }

  private release_media(): void {
    if (!this.media) return;
    this.media = this.buffer = undefined;
    this.steps = [];
    this.waiting_bytes = this.newest = 0;
    this.mime = "";
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.object_url);
  }

  private take_text(text: string): void {
    const message = parse_video(text);
    if (message?.type === "start") this.begin(message);
    // A camera that was changed ends its video and begins anew.
    if (message?.type === "end") this.try_again({ kind: "ended", reason: message.reason });
  }

  private begin({ mime }: VideoStart): void {
    if (!Source?.isTypeSupported(mime)) {
      this.try_again({ kind: "unplayable", mime });
      return;
    }
    if (this.media) {
      if (mime !== this.mime) this.steps.push({ change_type: mime });
    } else {
      const media = new Source();
      this.media = media;
      this.object_url = URL.createObjectURL(media);
      media.addEventListener(
        "sourceopen",
        () => {
          if (this.media !== media) return;
          this.buffer = media.addSourceBuffer(mime);
          this.buffer.addEventListener("updateend", () => {
            if (this.media !== media) return;
            this.keep_up();
            this.pump();
          });
          this.pump();
        },
        { once: true },
      );
      this.video.src = this.object_url;
    }
    this.mime = mime;
  }

  private take_bytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.media) return; // Of a stream that cannot be played.
    this.steps.push({ append: bytes });
    this.waiting_bytes += bytes.length;
    if (this.waiting_bytes > kWaitingBytesMax) this.try_again();
    else this.pump();
  }

  private pump(): void {
    const buffer = this.buffer;
    const step = this.steps[0];
    if (!buffer || buffer.updating || !step) return;
    try {
      if (this.trim(buffer)) return;
      if ("change_type" in step) {
        buffer.changeType(step.change_type);
        this.steps.shift();
        this.pump();
        return;
      }
      buffer.appendBuffer(this.join_appends());
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError" && this.make_room(buffer)) return;
      this.try_again();
    }
  }

  /** The appends at the head of the queue as one, which is cheaper than one by one. They leave the queue. */
  private join_appends(): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (let step = this.steps[0]; step && "append" in step; step = this.steps[0]) {
      parts.push(step.append);
      length += step.append.length;
      this.steps.shift();
    }
    this.waiting_bytes -= length;
    const [only] = parts;
    if (only && parts.length === 1) return only;
    const joined = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** Removes what was played long ago; whether an update is under way. */
  private trim(buffer: SourceBuffer): boolean {
    if (buffer.buffered.length === 0 || this.video.currentTime - buffer.buffered.start(0) < kTrimBehind) return false;
    buffer.remove(0, this.video.currentTime - kKeepBehind);
    return true;
  }

  private make_room(buffer: SourceBuffer): boolean {
    const until = this.video.currentTime - 0.5;
    if (buffer.buffered.length === 0 || buffer.buffered.start(0) >= until) return false;
    buffer.remove(0, until);
    return true;
  }

  private keep_up(): void {
    const { buffered } = this.video;
    const ranges = Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)] as const);
    const newest = ranges[ranges.length - 1]?.[1] ?? 0;
    const step = newest - this.newest;
    if (step > 0 && step < 5) this.frame_s += 0.1 * (step - this.frame_s);
    this.newest = newest;
    const move = catch_up({
      time: this.video.currentTime,
      ranges,
      rate: this.video.playbackRate,
      frame_s: this.frame_s,
    });
    if (move.seek !== undefined) this.video.currentTime = move.seek;
    if (this.video.playbackRate !== move.rate) this.video.playbackRate = move.rate;
    if (this.video.paused) this.video.play().catch(() => undefined); // Muted: allowed, unless power is being saved.
  }

  private watch(): void {
    if (this.socket && this.expects_data && performance.now() - this.heard_at > kSilenceMs) this.try_again();
  }
}
