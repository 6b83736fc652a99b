// How many cameras play at once: software decoding is what a browser can be trusted to have.

export interface Wish {
  name: string;
  /** Pixels a second that playing it costs. */
  pixels: number;
}

/** Pixels a second that one core decodes beside everything else. 1280x720 at 15 frames a second are 14 million. */
const kPixelsPerCore = 60e6;

export const budget_of = (cores: number) => kPixelsPerCore * Math.max(1, cores);

/** The wishes that play, first come first served; the first always does. The rest show still pictures. */
export function choose_playing(wishes: readonly Wish[], budget: number): Set<string> {
  const playing = new Set<string>();
  let spent = 0;
  for (const { name, pixels } of wishes) {
    if (playing.size > 0 && spent + pixels > budget) continue;
    spent += pixels;
    playing.add(name);
  }
  return playing;
}
