// REST calls. Every failure is an ApiError whose message can be shown as it is.
import { language, t } from "../i18n/i18n";
import { refusal_in, type Refusal } from "../i18n/server_words";
import type { Camera, CameraConfig, NewCamera } from "./types";

export class ApiError extends Error {
  constructor(
    message: string,
    /** The request's field at fault, where there is one. */
    readonly field?: string,
  ) {
    super(message);
  }
}

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(t("error.unreachable"));
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => undefined)) as { error?: Refusal & { message?: string } } | undefined;
  const error = answer?.error ?? {};
  const text = refusal_in(language.value, error) ?? error.message ?? t("error.status", { status: response.status });
  throw new ApiError(text, error.field);
}

const camera_path = (name: string) => `/api/v1/cameras/${encodeURIComponent(name)}`;

export const list_cameras = async () => (await (await request("GET", "/api/v1/cameras")).json()) as Camera[];
export const add_camera = async (camera: NewCamera) =>
  (await (await request("POST", "/api/v1/cameras", camera)).json()) as Camera;
export const change_camera = async (name: string, config: CameraConfig) =>
  (await (await request("PUT", camera_path(name), config)).json()) as Camera;
export const remove_camera = (name: string) => request("DELETE", camera_path(name));

/** The newest analysed picture's address; `boxes` burns them in. */
export function frame_url(name: string, options: { width?: number; boxes?: boolean }): string {
  const query = new URLSearchParams();
  if (options.width) query.set("width", String(Math.min(3840, Math.max(16, Math.round(options.width)))));
  if (options.boxes) query.set("boxes", "1");
  query.set("at", String(Date.now())); // Never from the cache.
  return `${camera_path(name)}/frame.jpeg?${query}`;
}

function socket_url(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
export const live_url = () => socket_url("/api/v1/live");
export const video_url = (name: string) => socket_url(`${camera_path(name)}/video`);
