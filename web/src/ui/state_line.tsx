// A camera's state in words and a mark, with why and what to do.
import { format_since, language, t } from "../i18n/i18n";
import { reason_in } from "../i18n/server_words";
import type { Camera, CameraState } from "../api/types";
import { now } from "../state/view";
import { sentence } from "./sentence";
import { BlockedIcon, LostIcon, MoonIcon, PowerIcon, WarningIcon } from "./icons";

export function StateMark({ state }: { state: CameraState }) {
  switch (state) {
    case "asleep":
      return <MoonIcon />;
    case "degraded":
      return <WarningIcon />;
    case "lost":
      return <LostIcon />;
    case "unsupported":
      return <BlockedIcon />;
    case "disabled":
      return <PowerIcon />;
    default:
      return <span class="dot" aria-hidden="true" />;
  }
}

export function state_title({ state, since }: Camera): string {
  if (state === "lost") return t("state.lost_since", { time: format_since(new Date(since), new Date(now.value)) });
  return t(`state.${state}`);
}

/** Why, with the remedy; empty where nothing needs saying. */
export function state_reason({ state, reason, reason_code }: Camera): string {
  if (state === "disabled") return t("state.disabled_reason");
  if (state === "asleep" && !reason) return t("state.asleep_reason");
  return reason_in(language.value, reason_code) ?? sentence(reason);
}

export function retry_text({ state, retry_at }: Camera): string {
  if (state !== "lost" && state !== "unsupported") return "";
  const seconds = retry_at ? Math.ceil((Date.parse(retry_at) - now.value) / 1000) : 0;
  return seconds > 0 ? t("state.retry_in", { n: seconds }) : t("state.retrying");
}
