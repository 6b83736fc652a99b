// What opens over the page for a moment: adding a camera, searching, the list of keys.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t, type Key } from "../i18n/i18n";
import { add } from "../state/actions";
import { camera_names, camera_of } from "../state/store";
import { dialog, open } from "../state/view";
import { CameraForm } from "./camera_form";
import { CloseIcon, SearchIcon } from "./icons";
import { StateMark, state_title } from "./state_line";

export function Dialogs() {
  switch (dialog.value) {
    case "add":
      return <AddDialog />;
    case "search":
      return <SearchDialog />;
    case "keys":
      return <KeysDialog />;
    default:
      return null;
  }
}

const close = () => (dialog.value = undefined);

interface ModalProps {
  name: string;
  kind: string;
  /** Has a field that takes the focus. */
  takes_text?: boolean;
  children: ComponentChildren;
}

function Modal({ name, kind, takes_text = false, children }: ModalProps) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    element.current?.showModal();
    element.current?.querySelector<HTMLElement>("[autofocus]")?.focus();
  }, []);
  return (
    <dialog
      ref={element}
      class={`dialog ${kind}`}
      aria-label={name}
      onClose={close}
      onClick={(event) => {
        if (event.target === element.current) close(); // The ground behind it.
      }}
    >
      <div tabIndex={-1} autofocus={!takes_text}>
        {children}
      </div>
    </dialog>
  );
}

const DialogHead = ({ title }: { title: string }) => (
  <header class="sheet-head">
    <h2>{title}</h2>
    <button class="tool" aria-label={t("sheet.close")} title={t("sheet.close")} onClick={close}>
      <CloseIcon />
    </button>
  </header>
);

function AddDialog() {
  return (
    <Modal name={t("bar.add")} kind="dialog-add" takes_text>
      <DialogHead title={t("bar.add")} />
      <div class="sheet-body">
        <CameraForm
          submit={async (camera) => {
            await add(camera);
            close();
          }}
          submit_text={t("form.add")}
          busy_text={t("form.adding")}
        >
          <button type="button" onClick={close}>
            {t("form.cancel")}
          </button>
        </CameraForm>
      </div>
    </Modal>
  );
}

function SearchDialog() {
  const text = useSignal("");
  const chosen = useSignal(0);
  const list = useRef<HTMLUListElement>(null);
  const wanted = text.value.trim().toLocaleLowerCase();
  const found = camera_names.value.filter((name) => name.toLocaleLowerCase().includes(wanted));
  const at = Math.min(chosen.value, found.length - 1);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: "nearest" }), [at]);

  const go = (name: string | undefined) => {
    if (name === undefined) return;
    close();
    open(name);
  };
  const on_key = (event: KeyboardEvent) => {
    if (event.isComposing) return; // Enter ends a Korean syllable first.
    if (event.key === "ArrowDown") chosen.value = Math.min(found.length - 1, at + 1);
    else if (event.key === "ArrowUp") chosen.value = Math.max(0, at - 1);
    else if (event.key === "Enter") go(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal name={t("bar.search")} kind="dialog-search" takes_text>
      <div class="search-line">
        <SearchIcon />
        <input
          class="search-input"
          role="combobox"
          aria-label={t("bar.search")}
          aria-expanded="true"
          aria-controls="search-list"
          aria-activedescendant={at >= 0 ? `search-${at}` : undefined}
          placeholder={t("search.placeholder")}
          autocomplete="off"
          spellcheck={false}
          autofocus
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            chosen.value = 0;
          }}
          onKeyDown={on_key}
        />
      </div>
      <ul ref={list} id="search-list" class="search-list" role="listbox" aria-label={t("bar.search")}>
        {found.map((name, i) => {
          const camera = camera_of(name);
          return (
            <li
              key={name}
              id={`search-${i}`}
              role="option"
              class="search-item"
              aria-selected={i === at}
              onPointerMove={() => (chosen.value = i)}
              onClick={() => go(name)}
            >
              <span class="clip">{name}</span>
              {camera && (
                <span class="where-state" data-state={camera.state}>
                  <StateMark state={camera.state} />
                  {state_title(camera)}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      {found.length === 0 && <p class="search-none">{t("search.none", { text: text.value })}</p>}
    </Modal>
  );
}

const kKeys: readonly (readonly [keys: string, what: Key])[] = [
  ["/", "keys.search"],
  ["← → ↑ ↓", "keys.step"],
  ["Enter", "keys.open"],
  ["Esc", "keys.back"],
  ["i", "keys.details"],
  ["b", "keys.boxes"],
  ["a", "keys.add"],
  ["f", "keys.fullscreen"],
  ["?", "keys.help"],
];

const KeysDialog = () => (
  <Modal name={t("keys.title")} kind="dialog-keys">
    <DialogHead title={t("keys.title")} />
    <dl class="keys">
      {kKeys.map(([keys, what]) => (
        <div key={what}>
          <dt>
            {keys.split(" ").map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{t(what)}</dd>
        </div>
      ))}
    </dl>
  </Modal>
);
