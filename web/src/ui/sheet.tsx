// The side sheet: a camera's state, figures and settings, or the server's figures. From below on a phone.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Camera, Server } from "../api/types";
import { format_number, format_since, t } from "../i18n/i18n";
import { change, complain, remove, try_now } from "../state/actions";
import { camera_of, server } from "../state/store";
import { now, open_camera, sheet } from "../state/view";
import { picture_of } from "../video/camera_picture";
import { CameraForm } from "./camera_form";
import { FigureList, type Figure } from "./figure_list";
import { CloseIcon } from "./icons";
import { retry_text, StateMark, state_reason, state_title } from "./state_line";

export function SideSheet() {
  if (sheet.value === "server") return server.value ? <ServerSheet server={server.value} /> : null;
  const camera = camera_of(open_camera.value ?? "");
  return sheet.value === "camera" && camera ? <CameraSheet key={camera.name} camera={camera} /> : null;
}

function Frame({ title, of, children }: { title: string; of?: string; children: ComponentChildren }) {
  return (
    <aside class="sheet" aria-label={of ?? title}>
      <header class="sheet-head">
        <h2 class="clip">{title}</h2>
        <button class="tool" aria-label={t("sheet.close")} title={t("sheet.close")} onClick={() => (sheet.value = undefined)}>
          <CloseIcon />
        </button>
      </header>
      <div class="sheet-body">{children}</div>
    </aside>
  );
}

function CameraSheet({ camera }: { camera: Camera }) {
  const reason = state_reason(camera);
  const retry = retry_text(camera);
  return (
    <Frame title={t("sheet.details")} of={camera.name}>
      <section class="sheet-state" data-state={camera.state}>
        <p class="state-title">
          <StateMark state={camera.state} />
          {state_title(camera)}
          {camera.state !== "lost" && (
            <span class="since figures">
              {t("state.since", { time: format_since(new Date(camera.since), new Date(now.value)) })}
            </span>
          )}
        </p>
        {reason && (
          <p class="state-reason" title={camera.reason}>
            {reason}
          </p>
        )}
        {retry && (
          <p class="plate-more">
            <span class="figures">{retry}</span>
            <button class="quiet" onClick={() => void try_now(camera)}>
              {t("state.retry_now")}
            </button>
          </p>
        )}
      </section>
      <section aria-label={t("sheet.figures")}>
        <FigureList figures={camera_figures(camera)} />
      </section>
      <Addresses name={camera.name} />
      <section aria-label={t("sheet.settings")}>
        <h3>{t("sheet.settings")}</h3>
        <CameraForm
          key={JSON.stringify(camera.config)}
          config={camera.config}
          submit={(config) => change(camera.name, { ...camera.config, ...config })}
          submit_text={t("form.save")}
          busy_text={t("form.saving")}
        />
      </section>
      <Removal camera={camera} />
    </Frame>
  );
}

function camera_figures(camera: Camera): Figure[] {
  const { figures, width, height, codec } = camera;
  const drops = Object.entries(figures.drops).filter(([, count]) => count > 0);
  const causes = drops.map(([cause, count]) => `${cause.replaceAll("_", " ")} ${format_number(count)}`).join(", ");
  const delay = picture_of(camera.name)?.delay_s;
  const source = t("figure.source_value", { n: format_number(figures.source_fps, 1) });
  return [
    { name: t("figure.people"), value: format_number(camera.people), what: t("figure.people_what") },
    {
      name: t("figure.analysed"),
      value: t("figure.analysed_value", { n: format_number(figures.analysed_fps, 1) }),
      what: t("figure.analysed_what", { source }),
    },
    {
      name: t("figure.cost"),
      value: t("figure.cost_value", { n: format_number(figures.cpu_ms_per_s) }),
      what: t("figure.cost_what"),
    },
    {
      name: t("figure.watch"),
      value: t(figures.awake_why === "always" ? "figure.watch_always" : figures.awake ? "figure.watch_awake" : "figure.watch_asleep"),
      what: t("figure.watch_what", { why: t(`awake.${figures.awake_why}`), n: format_number(figures.wakes) }),
    },
    {
      name: t("figure.latency"),
      value: t("figure.latency_value", { n: format_number(figures.latency_ms) }),
      what: t("figure.latency_what"),
    },
    ...(delay === undefined
      ? []
      : [
          {
            name: t("figure.delay"),
            value: t("figure.delay_value", { n: format_number(Math.max(0, delay), 1) }),
            what: t("figure.delay_what"),
          },
        ]),
    {
      name: t("figure.drops"),
      value: format_number(drops.reduce((sum, [, count]) => sum + count, 0)),
      what: causes ? t("figure.drops_what", { causes }) : t("figure.drops_none"),
    },
    { name: t("figure.source"), value: source, what: t("figure.source_what") },
    {
      name: t("figure.picture"),
      value: [width && height ? `${width} × ${height}` : "", codec_name(codec ?? "")].filter(Boolean).join(" · ") || "–",
      what: t("figure.picture_what"),
    },
    {
      name: t("figure.rate"),
      value: t("figure.rate_value", { n: format_number(figures.bit_rate / 1e6, 2) }),
      what: t("figure.rate_what"),
    },
    { name: t("figure.reconnects"), value: format_number(figures.reconnects), what: t("figure.reconnects_what") },
    { name: t("figure.viewers"), value: format_number(figures.viewers), what: t("figure.viewers_what") },
    {
      name: t("figure.readers"),
      value: format_number(figures.stream_readers),
      what: t("figure.readers_what", { lost: format_number(figures.stream_lost) }),
    },
  ];
}

/** Where players and recorders find the camera. A password is asked for there. */
function Addresses({ name }: { name: string }) {
  const { rtsp_port, rtmp_port } = server.value ?? { rtsp_port: 0, rtmp_port: 0 };
  if (!rtsp_port && !rtmp_port) return null;
  const path = encodeURIComponent(name);
  const base = rtsp_port
    ? `rtsp://${location.hostname}:${rtsp_port}/${path}`
    : `rtmp://${location.hostname}${rtmp_port === 1935 ? "" : `:${rtmp_port}`}/${path}`;
  return (
    <section class="addresses" aria-label={t("addresses.title")}>
      <h3>{t("addresses.title")}</h3>
      <p>
        <code>{base}</code> {t("addresses.raw")}
      </p>
      <p>
        <code>{base}/boxes</code> {t("addresses.boxes")}
      </p>
    </section>
  );
}

const codec_name = (codec: string) =>
  ({ h264: "H.264", hevc: "H.265", h265: "H.265", mpeg4: "MPEG-4", mjpeg: "MJPEG", av1: "AV1" })[codec] ?? codec;

function Removal({ camera }: { camera: Camera }) {
  const asked = useSignal(false);
  if (!asked.value) {
    return (
      <section class="removal">
        <button class="danger quiet" onClick={() => (asked.value = true)}>
          {t("remove.button")}
        </button>
      </section>
    );
  }
  return (
    <section class="removal" role="alertdialog" aria-label={t("remove.button")}>
      <p>{t("remove.ask", { name: camera.name })}</p>
      <div class="form-end">
        <button ref={(button) => button?.focus()} onClick={() => (asked.value = false)}>
          {t("remove.no")}
        </button>
        <button class="danger" onClick={() => void remove(camera).catch(complain)}>
          {t("remove.yes")}
        </button>
      </div>
    </section>
  );
}

function ServerSheet({ server: figures }: { server: Server }) {
  const room = figures.headroom_cameras;
  const list: Figure[] = [
    { name: t("bar.people"), value: format_number(figures.people), what: t("figure.people_what") },
    {
      name: t("server.cameras"),
      value: t("server.cameras_value", { live: figures.cameras_live, all: figures.cameras }),
      what: t("server.cameras_what"),
    },
    { name: t("server.awake"), value: format_number(figures.cameras_awake), what: t("server.awake_what") },
    {
      name: t("server.share"),
      value: t("server.share_value", { n: format_number(100 * figures.analysed_share) }),
      what: t(`server.share_${figures.key_frames_only}`),
    },
    {
      name: t("server.headroom"),
      value:
        room < 0
          ? t("server.headroom_unknown")
          : room === 0
            ? t("server.headroom_none")
            : t("server.headroom_value", { n: room }),
      what: t("server.headroom_what"),
    },
    {
      name: t("server.cpu"),
      value: t("server.cpu_value", { n: format_number(figures.cpu, 2), cores: figures.cores }),
      what: t("server.cpu_what"),
    },
    ...(figures.rss_mb === undefined
      ? []
      : [
          {
            name: t("server.memory"),
            value: t("server.memory_value", { n: format_number(figures.rss_mb) }),
            what: t("server.memory_what"),
          },
        ]),
    { name: t("server.model"), value: figures.model || "–", what: t("server.model_what") },
    {
      name: t("server.up"),
      value: format_since(new Date(figures.started), new Date(now.value)),
      what: t("server.up_what"),
    },
    { name: t("server.version"), value: figures.version, what: t("server.version_what") },
  ];
  return (
    <Frame title={t("sheet.server")}>
      <FigureList figures={list} />
    </Frame>
  );
}
