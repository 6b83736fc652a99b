// The page's keys. Inside a field or a dialog they belong to that.
import { camera_names } from "../state/store";
import { back_to_grid, boxes_shown, dialog, open_camera, sheet, step, toggle_sheet } from "../state/view";
import { toggle_fullscreen } from "./top_bar";

const kArrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function on_key(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (dialog.value || is_field(event.target)) return;
  if (act(event.key)) event.preventDefault();
}

const is_field = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");

/** Whether the key meant something. */
function act(key: string): boolean {
  const single = open_camera.value !== undefined;
  const arrow = kArrows[key];
  if (arrow && single && arrow[0] !== 0) return step(arrow[0] as 1 | -1), true;
  if (arrow && !single) return move_focus(...arrow);
  switch (key) {
    case "Escape":
      if (single) back_to_grid();
      else sheet.value = undefined;
      return true;
    case "/":
      if (camera_names.value.length === 0) return false;
      dialog.value = "search";
      return true;
    case "a":
      dialog.value = "add";
      return true;
    case "?":
      dialog.value = "keys";
      return true;
    case "b":
      boxes_shown.value = !boxes_shown.value;
      return true;
    case "f":
      toggle_fullscreen();
      return true;
    case "i":
      toggle_sheet(single ? "camera" : "server");
      return true;
    default:
      return false;
  }
}

/** To the nearest tile in that direction; to the first where none has the focus. */
function move_focus(dx: number, dy: number): boolean {
  const tiles = [...document.querySelectorAll<HTMLElement>(".tile-open")];
  const from = tiles.find((tile) => tile === document.activeElement);
  if (!from) {
    if (document.activeElement !== document.body || !tiles[0]) return false;
    tiles[0].focus();
    return true;
  }
  const middle = (element: HTMLElement) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x + width / 2, y + height / 2] as const;
  };
  const [x, y] = middle(from);
  let nearest: HTMLElement | undefined;
  let nearest_cost = Infinity;
  for (const tile of tiles) {
    const [tx, ty] = middle(tile);
    const along = (tx - x) * dx + (ty - y) * dy;
    const aside = Math.abs((tx - x) * dy) + Math.abs((ty - y) * dx);
    const cost = along + 3 * aside;
    if (along > 1 && cost < nearest_cost) [nearest, nearest_cost] = [tile, cost];
  }
  nearest?.focus();
  return true;
}
