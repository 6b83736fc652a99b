// The first thing one sees of a new server: one big field.
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/client";
import { t } from "../i18n/i18n";
import { add } from "../state/actions";
import { suggest_name } from "../state/suggest_name";
import { BrandMark } from "./icons";
import { field_trouble } from "./sentence";

/** scripts/setup.sh puts it there; a server without it says so. */
const kDemoUrl = "demo/vtest.avi";

export function Empty() {
  const url = useSignal("");
  const error = useSignal("");
  const busy = useSignal(false);

  async function start(camera: { name: string; url: string }) {
    busy.value = true;
    error.value = "";
    try {
      await add(camera);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      error.value = field_trouble(failure.message, failure.field ?? "", t("form.url"));
    } finally {
      busy.value = false;
    }
  }
  const submit = (event: Event) => {
    event.preventDefault();
    const address = url.value.trim();
    if (!address) error.value = t("form.missing_url");
    else void start({ name: suggest_name(address, []) || "camera", url: address });
  };
  return (
    <div class="empty">
      <BrandMark />
      <h2>{t("empty.title")}</h2>
      <p class="empty-hint">{t("empty.hint")}</p>
      <form class="empty-form" noValidate onSubmit={submit}>
        <input
          class="address"
          name="url"
          aria-label={t("empty.address")}
          aria-invalid={error.value !== ""}
          aria-describedby="empty-error"
          placeholder="rtsp://192.168.1.20/stream1"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          inputMode="url"
          maxLength={2048}
          value={url.value}
          onInput={(event) => (url.value = event.currentTarget.value)}
        />
        <button class="primary" disabled={busy.value}>
          {busy.value ? t("form.adding") : t("form.add")}
        </button>
      </form>
      <p class="field-error" id="empty-error" role="alert">
        {error.value}
      </p>
      <p class="empty-or">
        {t("empty.or")}
        <button class="quiet" disabled={busy.value} onClick={() => void start({ name: t("demo.name"), url: kDemoUrl })}>
          {t("empty.demo")}
        </button>
      </p>
    </div>
  );
}
