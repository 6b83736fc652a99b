// Boxes onto a canvas that lies over the picture.
import { fit } from "../layout/pack";
import { ink_on, palette_color } from "./palette";
import type { Shown } from "./track_memory";

export interface Picture {
  /** Of the picture as displayed, in any unit: only its shape counts. */
  aspect: number;
  /** The pixels that the boxes are given in. */
  width: number;
  height: number;
}

const kLine = 2; // CSS pixels, as the rest.
const kRadius = 3;
const kFont = "600 12px system-ui, sans-serif";
const kPlateHeight = 18;
const kPlatePadding = 5;

/** Fits the canvas to its box on the page and the screen's pixels; cheap where nothing changed. */
function fit_canvas(canvas: HTMLCanvasElement): { width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  canvas.getContext("2d")?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { width, height };
}

export function paint(canvas: HTMLCanvasElement, picture: Picture, shown: readonly Shown[], labels: boolean): void {
  const { width, height } = fit_canvas(canvas);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, width, height);
  if (picture.width <= 0 || picture.height <= 0) return;
  const at = fit(picture.aspect, width, height);
  const [scale_x, scale_y] = [at.width / picture.width, at.height / picture.height];
  for (const { track, score, box, opacity } of shown) {
    const [x, y] = [at.x + box[0] * scale_x, at.y + box[1] * scale_y];
    const [w, h] = [box[2] * scale_x, box[3] * scale_y];
    const color = palette_color(track);
    context.globalAlpha = opacity;
    context.beginPath();
    context.roundRect(x, y, w, h, kRadius);
    // A dark edge keeps every colour of the palette visible on every ground.
    context.lineWidth = kLine + 2;
    context.strokeStyle = "rgb(0 0 0 / 35%)";
    context.stroke();
    context.lineWidth = kLine;
    context.strokeStyle = color;
    context.stroke();
    if (labels) paint_label(context, `${track}  ${Math.round(score * 100)}%`, color, x, y, width);
  }
  context.globalAlpha = 1;
}

function paint_label(
  context: CanvasRenderingContext2D,
  text: string,
  color: string,
  x: number,
  y: number,
  width_max: number,
): void {
  context.font = kFont;
  const width = context.measureText(text).width + 2 * kPlatePadding;
  const left = Math.max(0, Math.min(x - kLine / 2, width_max - width));
  const top = Math.max(0, y - kPlateHeight - 1);
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(left, top, width, kPlateHeight, kRadius);
  context.fill();
  context.fillStyle = ink_on(color);
  context.textBaseline = "middle";
  context.fillText(text, left + kPlatePadding, top + kPlateHeight / 2 + 0.5);
}
