// The thin bar: where one is, people now, head-room, the clock, and the few things one can do.
import type { ComponentChildren } from "preact";
import { format_clock, format_number, language, people_text, speak, t } from "../i18n/i18n";
import { camera_names, camera_of, server } from "../state/store";
import { back_to_grid, boxes_shown, dialog, now, open_camera, sheet, step, toggle_sheet } from "../state/view";
import {
  BackIcon,
  BoxesIcon,
  BrandMark,
  DetailsIcon,
  ForwardIcon,
  FullscreenIcon,
  KeyboardIcon,
  PersonIcon,
  PlusIcon,
  SearchIcon,
  ServerIcon,
} from "./icons";
import { StateMark, state_title } from "./state_line";

interface ToolProps {
  name: string;
  run: () => void;
  children: ComponentChildren;
  pressed?: boolean;
  shortcut?: string;
  class?: string;
}
function Tool({ name, run, children, pressed, shortcut, class: more = "" }: ToolProps) {
  return (
    <button
      class={`tool ${more}`}
      aria-label={name}
      aria-pressed={pressed}
      aria-keyshortcuts={shortcut}
      title={shortcut ? `${name} (${shortcut})` : name}
      onClick={run}
    >
      {children}
    </button>
  );
}

export function toggle_fullscreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => undefined);
}

export function TopBar() {
  const opened = open_camera.value;
  return (
    <header class="bar" data-view={opened === undefined ? "grid" : "single"}>
      {opened === undefined ? <Home /> : <Where name={opened} />}
      <span class="bar-space" />
      {opened !== undefined && (
        <>
          <Tool name={t("bar.boxes")} run={() => (boxes_shown.value = !boxes_shown.value)} pressed={boxes_shown.value} shortcut="b">
            <BoxesIcon />
          </Tool>
          <Tool name={t("bar.fullscreen")} run={toggle_fullscreen} shortcut="f" class="wide-only">
            <FullscreenIcon />
          </Tool>
          <Tool name={t("bar.details")} run={() => toggle_sheet("camera")} pressed={sheet.value === "camera"} shortcut="i">
            <DetailsIcon />
          </Tool>
        </>
      )}
      {opened === undefined && camera_names.value.length > 0 && (
        <>
          <Tool name={t("bar.search")} run={() => (dialog.value = "search")} shortcut="/">
            <SearchIcon />
          </Tool>
          <Tool name={t("bar.add")} run={() => (dialog.value = "add")} shortcut="a">
            <PlusIcon />
          </Tool>
        </>
      )}
      {opened === undefined && (
        <>
          <Tool name={t("bar.keys")} run={() => (dialog.value = "keys")} shortcut="?" class="wide-only">
            <KeyboardIcon />
          </Tool>
          <button
            class="tool tool-text"
            lang={language.value === "ko" ? "en" : "ko"}
            aria-label={t("bar.language")}
            title={t("bar.language")}
            onClick={() => speak(language.value === "ko" ? "en" : "ko")}
          >
            {language.value === "ko" ? "EN" : "한"}
          </button>
        </>
      )}
      <Figures single={opened !== undefined} />
    </header>
  );
}

const Home = () => (
  <h1 class="brand">
    <BrandMark />
    pasu
  </h1>
);

function Where({ name }: { name: string }) {
  const camera = camera_of(name);
  return (
    <>
      <Tool name={t("bar.back")} run={back_to_grid} shortcut="Escape">
        <BackIcon />
      </Tool>
      <h1 class="where">
        <span class="clip">{name}</span>
        {camera && (
          <span class="where-state" data-state={camera.state}>
            <StateMark state={camera.state} />
            <span class="wide-only">{state_title(camera)}</span>
          </span>
        )}
      </h1>
      {camera_names.value.length > 1 && (
        <span class="stepper wide-only">
          <Tool name={t("bar.previous")} run={() => step(-1)} shortcut="ArrowLeft">
            <BackIcon />
          </Tool>
          <Tool name={t("bar.next")} run={() => step(1)} shortcut="ArrowRight">
            <ForwardIcon />
          </Tool>
        </span>
      )}
    </>
  );
}

function Figures({ single }: { single: boolean }) {
  const figures = server.value;
  const room = figures?.headroom_cameras ?? -1;
  const share = figures?.analysed_share ?? 1;
  const busy = share < 1 || (figures?.key_frames_only ?? "none") !== "none";
  const full = room === 0 || busy;
  const percent = format_number(100 * share);
  const long = busy ? t("bar.busy", { n: percent }) : room < 0 ? t("bar.headroom_unknown") : full ? t("bar.headroom_none") : t("bar.headroom", { n: room });
  const short = busy ? t("bar.busy_short", { n: percent }) : room < 0 ? "" : full ? t("bar.headroom_none_short") : t("bar.headroom_short", { n: room });
  const people = figures?.people ?? 0;
  return (
    <div class={`bar-figures ${single ? "wide-only" : ""}`}>
      <button
        class="tool tool-text bar-room wide-only"
        data-full={full}
        aria-label={long}
        aria-pressed={sheet.value === "server"}
        title={long}
        onClick={() => toggle_sheet("server")}
      >
        <ServerIcon />
        {short && <span class="figures">{short}</span>}
      </button>
      <button
        class="tool bar-people"
        data-some={people > 0}
        aria-label={`${t("bar.people")}: ${people_text(people)}`}
        title={t("bar.people")}
        onClick={() => toggle_sheet("server")}
      >
        <PersonIcon />
        <span class="figures">{people}</span>
      </button>
      <time class="bar-clock figures wide-only">{format_clock(new Date(now.value))}</time>
    </div>
  );
}
