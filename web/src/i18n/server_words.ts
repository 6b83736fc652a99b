// What the server says, in the page's language: English as it comes, others by its codes.
import type { CameraReason } from "../api/types";
import type { Language } from "./i18n";
import { ko_errors, ko_problems, ko_reasons } from "./server_ko";

export interface Refusal {
  code?: string | undefined;
  field?: string | undefined;
  detail?: string | undefined;
}

/** A camera's reason; nothing where the server's own sentence has to do. */
export function reason_in(language: Language, code: CameraReason | undefined): string | undefined {
  if (language !== "ko" || code === undefined || code === "other") return undefined;
  return ko_reasons[code]; // A newer server may have codes that are not here.
}

/** Why a request was refused; nothing where the server's own sentence has to do. */
export function refusal_in(language: Language, { code, field, detail }: Refusal): string | undefined {
  if (language !== "ko") return undefined;
  if (detail) return ko_problems[`${field}.${detail}`] ?? ko_problems[detail];
  return code ? ko_errors[code] : undefined;
}
