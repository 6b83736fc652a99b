// What is open on the page: which camera, which sheet, which dialog, and the messages that pass by.
import { computed, effect, signal } from "@preact/signals";
import { camera_names, cameras_known } from "./store";

export type Sheet = "camera" | "server";
export type Dialog = "add" | "search" | "keys";

/** The camera in single view, as the address says. */
const chosen = signal(name_in_address());
/** The camera in single view; nothing in the grid, or while there is no such camera. */
export const open_camera = computed(() => (camera_names.value.includes(chosen.value) ? chosen.value : undefined));
export const sheet = signal<Sheet | undefined>(undefined);
export const dialog = signal<Dialog | undefined>(undefined);
export const boxes_shown = signal(true);

function name_in_address(): string {
  const match = /^#\/camera\/(.+)$/.exec(location.hash);
  try {
    return match?.[1] ? decodeURIComponent(match[1]) : "";
  } catch {
    return "";
  }
}

const address_of = (name: string) => (name ? `#/camera/${encodeURIComponent(name)}` : "#/");

/** Opens a camera. From the grid, the browser's back button leads to the grid again. */
export function open(name: string, with_sheet?: Sheet): void {
  if (with_sheet) sheet.value = with_sheet;
  if (name === chosen.value) return;
  if (chosen.value) history.replaceState(null, "", address_of(name));
  else history.pushState(null, "", address_of(name));
  chosen.value = name;
  if (sheet.value === "server") sheet.value = undefined;
  if (is_phone.value) sheet.value = "camera";
}

export function back_to_grid(): void {
  if (!chosen.value) return;
  history.replaceState(null, "", address_of(""));
  chosen.value = "";
  sheet.value = undefined;
}

/** The next or previous camera in single view. */
export function step(by: 1 | -1): void {
  const names = camera_names.value;
  const at = names.indexOf(open_camera.value ?? "");
  const next = names[(at + by + names.length) % names.length];
  if (at >= 0 && next !== undefined) open(next);
}

export function toggle_sheet(which: Sheet): void {
  sheet.value = sheet.value === which ? undefined : which;
}

const phone_query = window.matchMedia("(max-width: 640px)");
export const is_phone = signal(phone_query.matches);
phone_query.addEventListener("change", () => (is_phone.value = phone_query.matches));

window.addEventListener("popstate", () => {
  chosen.value = name_in_address();
  if (!chosen.value && sheet.value === "camera") sheet.value = undefined;
});

// A camera that was removed elsewhere leaves no dead address and no sheet of nothing.
effect(() => {
  if (cameras_known.value && chosen.value && open_camera.value === undefined) back_to_grid();
});
if (chosen.value && is_phone.value) sheet.value = "camera";

/** The time, once a second, for all that counts down or shows it. */
export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 1000);

/** False once the page has been out of sight for a while: then no video is fetched. */
export const page_in_use = signal(true);
const kOutOfSightMs = 20_000;
let out_of_sight: ReturnType<typeof setTimeout> | undefined;
document.addEventListener("visibilitychange", () => {
  clearTimeout(out_of_sight);
  if (document.visibilityState === "visible") page_in_use.value = true;
  else out_of_sight = setTimeout(() => (page_in_use.value = false), kOutOfSightMs);
});
