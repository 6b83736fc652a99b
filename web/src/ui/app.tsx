import { useEffect } from "preact/hooks";
import { language, t } from "../i18n/i18n";
import { camera_names, cameras_known, connection, retry_connection } from "../state/store";
import { close_toast, toasts } from "../state/toasts";
import { now, open_camera, sheet } from "../state/view";
import { Dialogs } from "./dialogs";
import { Empty } from "./empty";
import { CloseIcon } from "./icons";
import { on_key } from "./keyboard";
import { SideSheet } from "./sheet";
import { Stage } from "./stage";
import { TopBar } from "./top_bar";

export function App() {
  useEffect(() => {
    window.addEventListener("keydown", on_key);
    return () => window.removeEventListener("keydown", on_key);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language.value;
  }, [language.value]);
  useEffect(() => {
    document.title = open_camera.value ? `${open_camera.value} · pasu` : "pasu";
  }, [open_camera.value]);

  const empty = cameras_known.value && camera_names.value.length === 0;
  return (
    <>
      <TopBar />
      <ConnectionBar />
      <main class="main" data-sheet={sheet.value}>
        {empty ? <Empty /> : <Stage />}
        <SideSheet />
      </main>
      <Dialogs />
      <Toasts />
    </>
  );
}

function ConnectionBar() {
  const state = connection.value;
  if (state.kind !== "lost") return null;
  const seconds = Math.ceil((state.retry_at - now.value) / 1000);
  return (
    <div class="connection" role="status">
      <span class="figures">{seconds > 0 ? t("connection.lost", { n: seconds }) : t("connection.trying")}</span>
      <button class="quiet" onClick={retry_connection}>
        {t("connection.now")}
      </button>
    </div>
  );
}

const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map(({ id, text, bad, action }) => (
      <div key={id} class="toast" data-bad={bad}>
        <span>{text}</span>
        {action && (
          <button
            class="quiet"
            onClick={() => {
              close_toast(id);
              action.run();
            }}
          >
            {action.label}
          </button>
        )}
        <button class="tool" aria-label={t("toast.close")} onClick={() => close_toast(id)}>
          <CloseIcon />
        </button>
      </div>
    ))}
  </div>
);
