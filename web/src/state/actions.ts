// What a person can do to cameras, with the words that follow.
import { batch } from "@preact/signals";
import { add_camera, ApiError, change_camera, remove_camera } from "../api/client";
import type { Camera, CameraConfig, NewCamera } from "../api/types";
import { t } from "../i18n/i18n";
import { drop_camera, put_camera } from "./store";
import { say } from "./toasts";
import { open, open_camera } from "./view";

export async function add(camera: NewCamera): Promise<void> {
  put_camera(await add_camera(camera));
  say(t("toast.added", { name: camera.name }));
}

export async function change(name: string, config: CameraConfig): Promise<void> {
  const was_open = open_camera.value === name; // The live connection may tell of the old name's end first.
  const changed = await change_camera(name, config);
  batch(() => {
    put_camera(changed);
    if (changed.name === name) return;
    if (was_open) open(changed.name, "camera");
    drop_camera(name);
  });
  say(t("toast.saved", { name: changed.name }));
}

/** Hidden credentials are not known here, so a camera that has them cannot be brought back. */
const can_come_back = (config: CameraConfig) => !config.url.includes("***");

export async function remove({ name, config }: Camera): Promise<void> {
  await remove_camera(name);
  drop_camera(name);
  const undo = { label: t("remove.undo"), run: () => void add(config).catch(complain) };
  say(t("remove.done", { name }), can_come_back(config) ? { action: undo } : {});
}

/** A camera starts again when it is given its own configuration. */
export async function try_now({ name, config }: Camera, changes: Partial<CameraConfig> = {}): Promise<void> {
  try {
    put_camera(await change_camera(name, { ...config, ...changes }));
  } catch (error) {
    complain(error);
  }
}

export function complain(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  say(error.message, { bad: true });
}
