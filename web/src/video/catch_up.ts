// How a live picture stays near the newest frame without stopping.

export interface Buffered {
  /** The video's currentTime. */
  time: number;
  /** [start, end] of what can be played, growing. */
  ranges: readonly (readonly [number, number])[];
  /** The present playback rate. */
  rate: number;
  /** Seconds between frames, as they arrive. */
  frame_s: number;
}
export interface Move {
  /** Jump here. */
  seek?: number;
  rate: number;
}

/** Behind the newest frame on purpose: covers the network's jitter and the time until a frame's boxes are known. */
const kTarget = 0.5;
/** Further behind than this is not worth hurrying: jump. */
const kJump = 1.5;

/** How far behind the newest frame the picture should be, in seconds. */
export const target_delay = (frame_s: number) => Math.max(kTarget, Math.min(3, 2 * frame_s));

export function catch_up({ time, ranges, rate, frame_s }: Buffered): Move {
  const newest = ranges[ranges.length - 1];
  if (!newest) return { rate: 1 };
  const [start, end] = newest;
  const target = target_delay(frame_s);
  const delay = end - time;
  // Out of what can be played: before it, in an older piece that ends, or after a clock that went back.
  if (time < start || delay < -0.5 || delay > kJump + target) return { seek: Math.max(start, end - target), rate: 1 };
  if (delay > target + (rate > 1 ? 0.05 : 0.2 + frame_s)) return { rate: delay > target + 0.6 + frame_s ? 1.3 : 1.1 };
  if (delay < target * (rate < 1 ? 0.9 : 0.5)) return { rate: 0.95 };
  return { rate: 1 };
}
