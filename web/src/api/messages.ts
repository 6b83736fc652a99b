// WebSocket text frames into typed messages.
import type { LiveMessage, VideoEnd, VideoStart } from "./types";

type Fields = Record<string, unknown>;

const is_object = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parse_object(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return is_object(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A message of /api/v1/live, or nothing: a newer server may send kinds that this page does not know. */
export function parse_live(text: string): LiveMessage | undefined {
  const message = parse_object(text);
  if (!message) return undefined;
  switch (message["type"]) {
    case "detections":
      return typeof message["camera"] === "string" &&
        Number.isFinite(message["pts"]) &&
        Array.isArray(message["detections"])
        ? (message as LiveMessage)
        : undefined;
    case "camera":
      return is_object(message["camera"]) &&
        typeof message["camera"]["name"] === "string" &&
        is_object(message["camera"]["config"]) &&
        is_object(message["camera"]["figures"])
        ? (message as LiveMessage)
        : undefined;
    case "removed":
      return typeof message["name"] === "string" ? (message as LiveMessage) : undefined;
    case "server":
      return is_object(message["server"]) ? (message as LiveMessage) : undefined;
    default:
      return undefined;
  }
}

/** A text frame of a camera's video, or nothing where it is neither start nor end. */
export function parse_video(text: string): VideoStart | VideoEnd | undefined {
  const message = parse_object(text);
  if (message?.["type"] === "start" && typeof message["mime"] === "string") return message as VideoStart;
  if (message?.["type"] === "end" && typeof message["reason"] === "string") return message as VideoEnd;
  return undefined;
}
