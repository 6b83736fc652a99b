// Short messages at the page's foot.
import { signal } from "@preact/signals";

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
  action?: { label: string; run: () => void };
}

const kShownMs = 7000;
const kToastsMax = 3;
let last_id = 0;

export const toasts = signal<readonly Toast[]>([]);

export function close_toast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function say(text: string, options: { bad?: boolean; action?: Toast["action"] } = {}): void {
  const id = ++last_id;
  const toast: Toast = { id, text, bad: options.bad ?? false, ...(options.action ? { action: options.action } : {}) };
  toasts.value = [...toasts.value, toast].slice(-kToastsMax);
  setTimeout(() => close_toast(id), kShownMs);
}
