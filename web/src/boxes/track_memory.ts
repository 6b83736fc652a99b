// Where every tracked object is at any moment of the video: the analysed frames, joined.
import type { Box, Detections } from "../api/types";

export interface Shown {
  track: number;
  label: string;
  score: number;
  /** [x, y, w, h] in the source pixels of `TrackMemory.width` x `height`. */
  box: Box;
  /** 1 while seen, falling to 0 once lost. */
  opacity: number;
}

interface Sample {
  pts: number;
  box: Box;
  score: number;
  velocity: [number, number];
}
interface Trail {
  label: string;
  samples: Sample[];
}

/**
 * Keeps the last kKeepSeconds of one camera's detections and answers what is to be drawn on the frame with a given
 * presentation time. On an analysed frame that is exactly what the server said; between two of them boxes glide; past the
 * newest they go on with the track's velocity for a moment; a lost track fades.
 */
export class TrackMemory {
  static readonly kKeepSeconds = 8;
  static readonly kFramesMax = 512;
  /** A track coasts on its velocity for this long at most. */
  static readonly kCoastSeconds = 0.6;
  static readonly kFadeSeconds = 0.35;
  /** Presentation times pass through the browser's microseconds and MP4's timescale. */
  static readonly kSameFrameSeconds = 0.002;

  width = 0;
  height = 0;
  private frames: number[] = []; // Presentation times of the analysed frames, growing.
  private trails = new Map<number, Trail>();

  clear(): void {
    this.frames = [];
    this.trails.clear();
  }

  add(message: Detections): void {
    const newest = this.frames[this.frames.length - 1];
    if (newest !== undefined && message.pts <= newest) {
      if (message.pts > newest - 1) return; // The same frame again.
      this.clear(); // Another clock: the server started anew.
    }
    this.width = message.width;
    this.height = message.height;
    this.frames.push(message.pts);
    for (const { track, label, score, box, velocity } of message.detections) {
      let trail = this.trails.get(track);
      if (!trail) this.trails.set(track, (trail = { label, samples: [] }));
      trail.label = label;
      trail.samples.push({ pts: message.pts, box, score, velocity: velocity ?? [0, 0] });
    }
    this.forget_before(message.pts - TrackMemory.kKeepSeconds);
  }

  /** What to draw on the frame of presentation time `pts`, by track id. */
  at(pts: number): Shown[] {
    const now = pts + TrackMemory.kSameFrameSeconds;
    const patience = Math.max(1, 1.5 * this.interval(now));
    const shown: Shown[] = [];
    for (const [track, { label, samples }] of this.trails) {
      const i = last_index(samples, (sample) => sample.pts <= now);
      const from = samples[i];
      if (!from) continue;
      const to = samples[i + 1];
      if (to && to.pts - from.pts <= patience) {
        shown.push({ track, label, score: from.score, box: between(from, to, pts), opacity: 1 });
        continue;
      }
      // Lost since the first analysed frame without it, or since nobody has looked for long.
      const missing = this.frames.find((frame) => frame > from.pts);
      const lost_since = missing !== undefined && missing <= now ? missing : from.pts + patience;
      const opacity = 1 - Math.max(0, now - lost_since) / TrackMemory.kFadeSeconds;
      if (opacity > 0) shown.push({ track, label, score: from.score, box: coast(from, pts), opacity });
    }
    return shown.sort((a, b) => a.track - b.track);
  }

  /** Seconds between the analysed frames around `now`. */
  private interval(now: number): number {
    const i = last_index(this.frames, (frame) => frame <= now);
    const [a, b] = [this.frames[i - 1], this.frames[i]];
    return a !== undefined && b !== undefined ? b - a : 0;
  }

  private forget_before(pts: number): void {
    const first = Math.max(
      this.frames.findIndex((frame) => frame >= pts),
      this.frames.length - TrackMemory.kFramesMax,
      0,
    );
    const oldest = this.frames[first] ?? pts;
    if (first === 0) return;
    this.frames.splice(0, first);
    for (const [track, trail] of this.trails) {
      const keep = trail.samples.findIndex((sample) => sample.pts >= oldest);
      if (keep < 0) this.trails.delete(track);
      else trail.samples.splice(0, keep);
    }
  }
}

/** Index of the last element that satisfies `holds`, of a list whose first elements do; -1 where none does. */
function last_index<T>(list: readonly T[], holds: (element: T) => boolean): number {
  for (let i = list.length - 1; i >= 0; --i) if (holds(list[i]!)) return i;
  return -1;
}

function between(from: Sample, to: Sample, pts: number): Box {
  const along = Math.min(1, Math.max(0, (pts - from.pts) / (to.pts - from.pts)));
  if (pts - from.pts <= TrackMemory.kSameFrameSeconds) return from.box;
  const mix = (i: 0 | 1 | 2 | 3) => from.box[i] + (to.box[i] - from.box[i]) * along;
  return [mix(0), mix(1), mix(2), mix(3)];
}

function coast({ box: [x, y, w, h], velocity: [vx, vy], pts: since }: Sample, pts: number): Box {
  const seconds = Math.min(TrackMemory.kCoastSeconds, Math.max(0, pts - since));
  if (seconds <= TrackMemory.kSameFrameSeconds) return [x, y, w, h];
  return [x + vx * seconds, y + vy * seconds, w, h];
}
