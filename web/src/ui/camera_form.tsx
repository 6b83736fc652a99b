// A camera's configuration as a form: to add one, and to change one.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { ApiError } from "../api/client";
import type { CameraConfig, NewCamera } from "../api/types";
import { format_number, t } from "../i18n/i18n";
import { suggest_name } from "../state/suggest_name";
import { camera_names } from "../state/store";
import { field_trouble, sentence } from "./sentence";

interface FormProps {
  /** Absent: a new camera, whose name follows from its address until somebody writes one. */
  config?: CameraConfig;
  submit: (config: NewCamera) => Promise<void>;
  submit_text: string;
  busy_text: string;
  /** Beside the submit button. */
  children?: ComponentChildren;
}

const kFpsUsual = 5;
const kThresholdUsual = 0.5;
const kFieldNames = { name: "form.name", url: "form.url", sub: "form.sub", fps: "form.fps", threshold: "form.threshold" } as const;
type Field = keyof typeof kFieldNames;
const is_field = (key: string | undefined): key is Field => key !== undefined && key in kFieldNames;

export function CameraForm({ config, submit, submit_text, busy_text, children }: FormProps) {
  const url = useSignal(config?.url ?? "");
  const sub = useSignal(config?.sub ?? "");
  const name = useSignal(config?.name ?? "");
  const name_written = useSignal(config !== undefined);
  const fps = useSignal(String(config?.fps ?? kFpsUsual));
  const threshold = useSignal(config?.threshold);
  const sleeps = useSignal(config?.sleeps ?? true);
  const enabled = useSignal(config?.enabled ?? true);
  const error = useSignal<{ field: Field | ""; text: string } | undefined>(undefined);
  const busy = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();

  // The caret goes to what is wrong.
  useEffect(() => {
    if (error.value?.field) form.current?.querySelector<HTMLElement>(`[name=${error.value.field}]`)?.focus();
  }, [error.value]);

  const written: NewCamera = {
    name: name.value.trim(),
    url: url.value.trim(),
    fps: fps.value.trim() === "" ? kFpsUsual : Number(fps.value),
    sleeps: sleeps.value,
    enabled: enabled.value,
    sub: sub.value.trim(),
    ...(threshold.value === undefined ? {} : { threshold: threshold.value }),
  };
  // What the form has no field for stays as it is.
  const before: Partial<CameraConfig> = { sub: "", sleeps: true, ...config };
  const changed =
    config === undefined ||
    (Object.keys({ threshold: undefined, ...written }) as (keyof CameraConfig)[]).some((key) => before[key] !== written[key]);

  async function on_submit(event: Event) {
    event.preventDefault();
    if (busy.value || !changed) return;
    if (!written.url) return void (error.value = { field: "url", text: t("form.missing_url") });
    if (!written.name) return void (error.value = { field: "name", text: t("form.missing_name") });
    busy.value = true;
    error.value = undefined;
    try {
      await submit(written);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      const field = is_field(failure.field) ? failure.field : "";
      error.value = {
        field,
        text: field ? field_trouble(failure.message, field, t(kFieldNames[field])) : sentence(failure.message),
      };
    } finally {
      busy.value = false;
    }
  }

  const trouble = (field: Field | "") =>
    error.value?.field === field && (
      <p class="field-error" id={`${id}-error`} role="alert">
        {error.value.text}
      </p>
    );
  const described = (field: Field) =>
    error.value?.field === field ? { "aria-invalid": true, "aria-describedby": `${id}-error` } : {};

  const address_field = (field: "url" | "sub", value: string, example: string, write: (text: string) => void) => (
    <label class="field">
      <span class="field-name">{t(`form.${field}`)}</span>
      <input
        class="address"
        name={field}
        value={value}
        placeholder={example}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        inputMode="url"
        maxLength={2048}
        autofocus={field === "url" && config === undefined}
        onInput={(event) => write(event.currentTarget.value)}
        {...described(field)}
      />
      <span class="field-hint">{t(`form.${field}_hint`)}</span>
      {trouble(field)}
    </label>
  );
  const address = address_field("url", url.value, "rtsp://192.168.1.20/stream1", (text) => {
    url.value = text;
    if (!name_written.value) name.value = suggest_name(text, camera_names.value);
  });
  const naming = (
    <label class="field">
      <span class="field-name">{t("form.name")}</span>
      <input
        name="name"
        value={name.value}
        autocomplete="off"
        maxLength={64}
        onInput={(event) => {
          name.value = event.currentTarget.value;
          name_written.value = name.value !== "";
        }}
        {...described("name")}
      />
      {config === undefined && <span class="field-hint">{t("form.name_hint")}</span>}
      {trouble("name")}
    </label>
  );
  const rest = (
    <>
      <label class="field field-row">
        <span class="field-name">{t("form.fps")}</span>
        <input
          name="fps"
          class="short figures"
          type="number"
          min="0"
          max="60"
          step="any"
          value={fps.value}
          onInput={(event) => (fps.value = event.currentTarget.value)}
          {...described("fps")}
        />
      </label>
      {trouble("fps")}
      {address_field("sub", sub.value, "rtsp://192.168.1.20/stream2", (text) => (sub.value = text))}
      <div class="field">
        <span class="field-line">
          <span class="field-name">{t("form.threshold")}</span>
          <span class="field-value figures">
            {threshold.value === undefined
              ? t("form.threshold_model")
              : t("form.threshold_own", { n: format_number(threshold.value * 100) })}
          </span>
        </span>
        <label class="check">
          <input
            type="checkbox"
            checked={threshold.value !== undefined}
            onChange={(event) => (threshold.value = event.currentTarget.checked ? kThresholdUsual : undefined)}
          />
          {t("form.threshold_own_switch")}
        </label>
        {threshold.value !== undefined && (
          <input
            name="threshold"
            type="range"
            min="0.05"
            max="0.95"
            step="0.05"
            aria-label={t("form.threshold")}
            value={threshold.value}
            onInput={(event) => (threshold.value = Number(event.currentTarget.value))}
          />
        )}
        {trouble("threshold")}
      </div>
      <label class="check" title={t("form.sleeps_hint")}>
        <input
          type="checkbox"
          checked={sleeps.value}
          onChange={(event) => (sleeps.value = event.currentTarget.checked)}
        />
        {t("form.sleeps")}
      </label>
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          checked={enabled.value}
          onChange={(event) => (enabled.value = event.currentTarget.checked)}
        />
        {t("form.enabled")}
      </label>
    </>
  );
  return (
    <form ref={form} class="form" noValidate onSubmit={(event) => void on_submit(event)}>
      {config === undefined ? (
        <>
          {address}
          {naming}
          <details class="more">
            <summary>{t("form.more")}</summary>
            <div class="form">{rest}</div>
          </details>
        </>
      ) : (
        <>
          {naming}
          {address}
          {rest}
        </>
      )}
      {trouble("")}
      <div class="form-end">
        {children}
        <button class="primary" type="submit" disabled={busy.value || !changed}>
          {busy.value ? busy_text : submit_text}
        </button>
      </div>
    </form>
  );
}
