// Which language the page speaks, and its sentences.
import { computed, signal } from "@preact/signals";
import { en } from "./en";
import { ko } from "./ko";

export type Key = keyof typeof en;
export type Strings = Record<Key, string>;
export type Language = "en" | "ko";
type Values = Record<string, string | number>;

const kStrings: Record<Language, Strings> = { en, ko };
const kStored = "pasu.language";

/** The first of the wanted languages that the page speaks. */
export function choose_language(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "ko" || primary === "en") return primary;
  }
  return "en";
}

/** `text` with its {places} filled in. */
export const fill = (text: string, values: Values): string =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));

function remembered(): string | null {
  try {
    return localStorage.getItem(kStored);
  } catch {
    return null; // Not in a browser, or storage is forbidden.
  }
}

export const language = signal<Language>(
  choose_language([remembered() ?? "", ...(typeof navigator === "undefined" ? [] : (navigator.languages ?? []))]),
);

export function speak(next: Language): void {
  language.value = next;
  try {
    localStorage.setItem(kStored, next);
  } catch {
    // Holds until the page is closed.
  }
}

export const t = (key: Key, values: Values = {}): string => fill(kStrings[language.value][key], values);

export const people_text = (n: number): string => t(n === 1 ? "tile.people_one" : "tile.people_other", { n });

const kTags: Record<Language, string> = { en: "en-GB", ko: "ko-KR" };
const number_formats = computed(() =>
  [0, 1, 2].map(
    (digits) =>
      new Intl.NumberFormat(kTags[language.value], { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ),
);
export const format_number = (value: number, digits: 0 | 1 | 2 = 0): string =>
  number_formats.value[digits]!.format(value);

const kHourMinute = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const clock_format = computed(() => new Intl.DateTimeFormat(kTags[language.value], { ...kHourMinute, second: "2-digit" }));
const time_format = computed(() => new Intl.DateTimeFormat(kTags[language.value], kHourMinute));
const date_format = computed(
  () => new Intl.DateTimeFormat(kTags[language.value], { ...kHourMinute, month: "short", day: "numeric" }),
);

export const format_clock = (at: Date): string => clock_format.value.format(at);
/** The time of day today, with the date on any other day. */
export function format_since(at: Date, now: Date): string {
  return (at.toDateString() === now.toDateString() ? time_format : date_format).value.format(at);
}
