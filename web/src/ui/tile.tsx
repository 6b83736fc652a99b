// One camera on the stage: its picture, its name, and its state where that needs a word.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { people_text, t } from "../i18n/i18n";
import type { Rect } from "../layout/pack";
import type { Camera } from "../api/types";
import { try_now } from "../state/actions";
import { camera_of } from "../state/store";
import { boxes_shown, open } from "../state/view";
import { CameraPicture } from "../video/camera_picture";
import type { PlayerState } from "../video/player";
import { BlockedIcon, PersonIcon } from "./icons";
import { retry_text, StateMark, state_reason, state_title } from "./state_line";

export interface TileProps {
  name: string;
  rect: Rect;
  mode: "grid" | "single" | "hidden";
  visible: boolean;
  play: boolean;
}

export function Tile({ name, rect, mode, visible, play }: TileProps) {
  const opener = useRef<HTMLButtonElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = useSignal<CameraPicture | undefined>(undefined);
  const hovered = useSignal(false);
  const camera = camera_of(name);

  useLayoutEffect(() => {
    const made = new CameraPicture(name, video.current!, canvas.current!, still.current!);
    picture.value = made;
    const resized = new ResizeObserver(() => made.redraw());
    resized.observe(canvas.current!);
    return () => {
      resized.disconnect();
      made.dispose();
    };
  }, [name]);

  const state = camera?.state;
  const boxes = boxes_shown.value && state !== "waiting" && state !== "lost" && state !== "unsupported" && state !== "disabled";
  const labels = mode === "single" || hovered.value;
  const playable = play && state !== "disabled" && state !== "unsupported";
  useEffect(() => {
    picture.value?.wish({ visible, play: playable, boxes, labels });
  }, [picture.value, visible, playable, boxes, labels]);

  // Back from single view, the keyboard goes on where it was.
  const mode_before = useRef(mode);
  useEffect(() => {
    if (mode_before.current === "single" && mode === "grid") opener.current?.focus({ preventScroll: true });
    mode_before.current = mode;
  }, [mode]);

  if (!camera) return null;
  const { x, y, width, height } = rect;
  return (
    <article
      class="tile"
      data-camera={name}
      data-mode={mode}
      data-state={state}
      aria-hidden={mode === "hidden"}
      style={{ transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px` }}
      onPointerEnter={() => (hovered.value = true)}
      onPointerLeave={() => (hovered.value = false)}
    >
      <canvas ref={still} class="tile-still" aria-hidden="true" />
      <video ref={video} class="tile-video" muted playsInline disablePictureInPicture tabIndex={-1} aria-hidden="true" />
      <canvas ref={canvas} class="tile-boxes" aria-hidden="true" />
      {mode !== "single" && (
        <button
          ref={opener}
          class="tile-open"
          aria-label={`${t("tile.open", { name })}. ${state_title(camera)}. ${people_text(camera.people)}`}
          onClick={() => open(name)}
          onFocus={() => (hovered.value = opener.current?.matches(":focus-visible") ?? false)}
          onBlur={() => (hovered.value = false)}
        />
      )}
      <Plate camera={camera} player={picture.value?.state.value} />
      {mode !== "single" && <Caption camera={camera} still={visible && !play} />}
    </article>
  );
}

function Caption({ camera, still }: { camera: Camera; still: boolean }) {
  const quiet = camera.state === "live";
  return (
    <div class="caption" aria-hidden="true">
      <span class="caption-name" data-state={camera.state}>
        {!quiet && <StateMark state={camera.state} />}
        <span class="clip">{camera.name}</span>
      </span>
      <span class="caption-more">
        {still && quiet && (
          <span class="caption-still" title={t("video.still")}>
            {t("video.still_short")}
          </span>
        )}
        {camera.people > 0 && (
          <span class="caption-people">
            <PersonIcon />
            {camera.people}
          </span>
        )}
      </span>
    </div>
  );
}

/** What stands in the picture's middle where there is no picture to look at. */
function Plate({ camera, player }: { camera: Camera; player: PlayerState | undefined }) {
  const { state } = camera;
  if (player?.kind === "unplayable" && state !== "lost") {
    const codec = /codecs="([^"]+)"/.exec(player.mime)?.[1] ?? player.mime;
    return (
      <div class="plate" data-state="unsupported">
        <span class="plate-title">
          <BlockedIcon />
          {t("state.unsupported")}
        </span>
        <p class="plate-reason">{t("video.unplayable", { codec })}</p>
      </div>
    );
  }
  if (state === "live" || state === "asleep" || state === "degraded") return null;
  const retry = retry_text(camera);
  return (
    <div class="plate" data-state={state} role="status">
      <span class="plate-title">
        <StateMark state={state} />
        {state_title(camera)}
      </span>
      {(state !== "connecting" || camera.reason) && (
        <p class="plate-reason" title={camera.reason}>
          {state_reason(camera)}
        </p>
      )}
      {(retry || state === "disabled") && (
        <p class="plate-more">
          {retry && <span class="figures">{retry}</span>}
          {state === "disabled" ? (
            <button class="quiet" onClick={() => void try_now(camera, { enabled: true })}>
              {t("state.switch_on")}
            </button>
          ) : (
            <button class="quiet" onClick={() => void try_now(camera)}>
              {t("state.retry_now")}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
