// What the page knows of the server: written by the live connection, read by everything on screen.
import { batch, computed, signal, type Signal } from "@preact/signals";
import { list_cameras } from "../api/client";
import { LiveConnection } from "../api/live";
import type { Camera, LiveMessage, Server } from "../api/types";
import { TrackMemory } from "../boxes/track_memory";

export type Connection = { kind: "first" } | { kind: "open" } | { kind: "lost"; retry_at: number };

export const connection = signal<Connection>({ kind: "first" });
export const server = signal<Server | undefined>(undefined);
/** Names in the order of the configuration. */
export const camera_names = signal<readonly string[]>([]);
/** Whether camera_names is what the server has: before that, no cameras means nothing. */
export const cameras_known = signal(false);

interface Kept {
  camera: Signal<Camera>;
  tracks: TrackMemory;
}
const kept = new Map<string, Kept>();

export const camera_of = (name: string): Camera | undefined => kept.get(name)?.camera.value;
export const tracks_of = (name: string): TrackMemory | undefined => kept.get(name)?.tracks;

const kUsualAspect = 16 / 9;
/** Shapes of all cameras, as text so that it changes only when a shape does. */
const aspects_text = computed(() =>
  camera_names.value
    .map((name) => {
      const camera = camera_of(name);
      return camera?.width && camera.height ? (camera.width / camera.height).toFixed(4) : String(kUsualAspect);
    })
    .join(" "),
);
export const camera_aspects = computed(() => (aspects_text.value ? aspects_text.value.split(" ").map(Number) : []));

export function put_camera(camera: Camera): void {
  batch(() => {
    const known = kept.get(camera.name);
    if (known) known.camera.value = camera;
    else kept.set(camera.name, { camera: signal(camera), tracks: new TrackMemory() });
    if (!camera_names.value.includes(camera.name)) camera_names.value = [...camera_names.value, camera.name];
  });
}

export function drop_camera(name: string): void {
  batch(() => {
    camera_names.value = camera_names.value.filter((each) => each !== name);
    kept.delete(name);
  });
}

function take(message: LiveMessage): void {
  switch (message.type) {
    case "detections":
      tracks_of(message.camera)?.add(message);
      return;
    case "camera":
      put_camera(message.camera);
      return;
    case "removed":
      drop_camera(message.name);
      return;
    case "server":
      server.value = message.server;
  }
}

/** The whole list anew: after a time without connection, cameras may have gone or come. */
async function reload(): Promise<void> {
  try {
    const cameras = await list_cameras();
    batch(() => {
      for (const name of camera_names.value) if (!cameras.some((camera) => camera.name === name)) drop_camera(name);
      cameras.forEach(put_camera);
      camera_names.value = cameras.map((camera) => camera.name);
      cameras_known.value = true;
    });
  } catch {
    // The live connection tells of the same trouble.
  }
}

const live = new LiveConnection({
  message: take,
  opened() {
    connection.value = { kind: "open" };
    for (const { tracks } of kept.values()) tracks.clear();
    void reload();
  },
  lost(retry_at) {
    connection.value = { kind: "lost", retry_at };
  },
});

export const connect = () => live.open();
export const retry_connection = () => live.retry_now();
