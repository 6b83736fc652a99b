// The page's one connection for state and detections; it comes back by itself.
import { Backoff } from "../base/backoff";
import { live_url } from "./client";
import { parse_live } from "./messages";
import type { LiveMessage } from "./types";

export interface LiveEvents {
  message(message: LiveMessage): void;
  opened(): void;
  /** The connection is gone; the next attempt is at `retry_at` (Date.now() milliseconds). */
  lost(retry_at: number): void;
}

/** The server speaks at least once a second; silence for this long is a dead connection. */
const kSilenceMs = 8000;

export class LiveConnection {
  private socket: WebSocket | undefined;
  private readonly backoff = new Backoff(500, 10_000);
  private silence: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: LiveEvents) {}

  open(): void {
    clearTimeout(this.retry);
    const socket = new WebSocket(live_url());
    this.socket = socket;
    this.watch_silence(socket);
    socket.onopen = () => this.events.opened();
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.watch_silence(socket);
      if (typeof event.data !== "string") return;
      const message = parse_live(event.data);
      if (!message) return;
      this.backoff.reset();
      this.events.message(message);
    };
    socket.onclose = () => this.drop(socket);
  }

  /** Tries at once, for somebody who does not want to wait. */
  retry_now(): void {
    if (this.socket === undefined) this.open();
  }

  private drop(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    clearTimeout(this.silence);
    const delay = this.backoff.next(Math.random());
    this.events.lost(Date.now() + delay);
    this.retry = setTimeout(() => this.open(), delay);
  }

  private watch_silence(socket: WebSocket): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      socket.close();
      this.drop(socket);
    }, kSilenceMs);
  }
}
