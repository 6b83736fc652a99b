// All that is seen of one camera: video while it plays, a still picture otherwise, boxes over it.
import { signal } from "@preact/signals";
import { frame_url, video_url } from "../api/client";
import { paint } from "../boxes/painter";
import type { Shown } from "../boxes/track_memory";
import { camera_of, tracks_of } from "../state/store";
import { LivePlayer, type PlayerState } from "./player";
import { Still } from "./still";

export interface PictureWishes {
  /** In view. */
  visible: boolean;
  /** In view and within what this device can play. */
  play: boolean;
  boxes: boolean;
  /** Ids and scores. */
  labels: boolean;
}

/** The boxes on the canvas, and the presentation time of the frame that they were drawn for. */
export interface Drawn {
  pts: number;
  width: number;
  height: number;
  boxes: readonly Shown[];
}

/** The video is let go when it has not been wanted for so long: scrolling by must not start it anew. */
const kLetGoMs = 3000;
const kStillEveryMs = 2000;

const pictures = new Map<string, CameraPicture>();
/** The picture of a camera on the page. */
export const picture_of = (name: string): CameraPicture | undefined => pictures.get(name);

export class CameraPicture {
  readonly state = signal<PlayerState>({ kind: "opening" });
  /** Whether the video covers the still picture. */
  readonly moving = signal(false);
  drawn: Drawn | undefined;

  private readonly player: LivePlayer;
  private readonly still: Still;
  private wishes: PictureWishes = { visible: false, play: false, boxes: true, labels: false };
  private running = false;
  private media_time: number | undefined;
  private frame_request = 0;
  private let_go: ReturnType<typeof setTimeout> | undefined;
  private readonly still_timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly name: string,
    private readonly video: HTMLVideoElement,
    private readonly canvas: HTMLCanvasElement,
    still: HTMLCanvasElement,
  ) {
    this.still = new Still(still);
    this.player = new LivePlayer(video, video_url(name), (state) => this.on_player(state));
    this.still_timer = setInterval(() => this.refresh_still(), kStillEveryMs);
    pictures.set(name, this);
  }

  get delay_s(): number | undefined {
    return this.moving.value ? this.player.delay_s : undefined;
  }
  /** Frames that the browser did not get to show. */
  get frames_missed(): number {
    return this.video.getVideoPlaybackQuality().droppedVideoFrames;
  }

  wish(wishes: PictureWishes): void {
    this.wishes = wishes;
    clearTimeout(this.let_go);
    if (wishes.play && !this.running) {
      this.running = true;
      this.player.start();
      this.request_frame();
      if (!this.moving.value) this.refresh_still();
    } else if (!wishes.play && this.running) {
      this.let_go = setTimeout(() => this.stop(), kLetGoMs);
    } else if (!wishes.play) {
      this.refresh_still();
    }
    this.redraw();
  }

  /** Draws the boxes again for the frame on screen: the canvas changed its size. */
  redraw(): void {
    if (this.media_time === undefined || !this.moving.value) {
      paint(this.canvas, { aspect: 1, width: 0, height: 0 }, [], false);
      return;
    }
    this.draw(this.media_time);
  }

  dispose(): void {
    clearTimeout(this.let_go);
    clearInterval(this.still_timer);
    this.video.cancelVideoFrameCallback?.(this.frame_request);
    this.player.dispose();
    if (pictures.get(this.name) === this) pictures.delete(this.name);
  }

  private stop(): void {
    this.running = false;
    this.keep_last_frame();
    this.player.stop();
    this.refresh_still();
  }

  private on_player(state: PlayerState): void {
    // Told before the video is let go, so that its last frame stays on screen.
    if (state.kind === "retrying" || state.kind === "ended") this.keep_last_frame();
    this.state.value = state;
  }

  private keep_last_frame(): void {
    this.still.take(this.video);
    this.moving.value = false;
    this.media_time = undefined;
    this.redraw();
  }

  private refresh_still(): void {
    const state = camera_of(this.name)?.state;
    this.player.expects_data = state === "live" || state === "degraded";
    if (!this.wishes.visible || this.moving.value || state === "disabled" || state === "lost" || state === "waiting") return;
    const width = this.canvas.clientWidth * (window.devicePixelRatio || 1);
    // Boxes burned in, for only video has a time that boxes could be drawn at.
    void this.still.load(frame_url(this.name, { width, boxes: this.wishes.boxes && !this.wishes.play }));
  }

  private request_frame(): void {
    if (!this.running) return;
    const on_frame = (media_time: number) => {
      if (!this.running) return;
      this.media_time = media_time;
      this.moving.value = true;
      this.draw(media_time);
      this.request_frame();
    };
    if (this.video.requestVideoFrameCallback) {
      this.frame_request = this.video.requestVideoFrameCallback((_, frame) => on_frame(frame.mediaTime));
    } else {
      requestAnimationFrame(() => {
        if (this.video.readyState >= 2) on_frame(this.video.currentTime);
        else this.request_frame();
      });
    }
  }

  private draw(pts: number): void {
    const tracks = tracks_of(this.name);
    if (!tracks) return;
    const shown = this.wishes.boxes ? tracks.at(pts) : [];
    const { videoWidth, videoHeight } = this.video;
    const picture = { aspect: videoWidth / videoHeight || 1, width: tracks.width, height: tracks.height };
    paint(this.canvas, picture, shown, this.wishes.labels);
    this.drawn = { pts, width: tracks.width, height: tracks.height, boxes: shown };
  }
}
