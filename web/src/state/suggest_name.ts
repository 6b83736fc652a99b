/** A name for the camera at `url` that no camera has yet: its host or file name. */
export function suggest_name(url: string, taken: readonly string[]): string {
  const rest = url.trim().replace(/^[a-z]+:\/\//i, "").replace(/^[^/]*@/, "");
  const host = rest.split(/[/?#]/)[0] ?? "";
  const file = (rest.split(/[?#]/)[0] ?? "").split("/").filter(Boolean).pop() ?? "";
  const is_url = /^[a-z]+:\/\//i.test(url.trim());
  const base = (is_url ? host.replace(/:\d+$/, "") : file.replace(/\.[^.]*$/, ""))
    .replace(/[^\p{L}\p{N} ._-]/gu, "")
    .trim()
    .slice(0, 40);
  if (!base) return "";
  let name = base;
  for (let n = 2; taken.includes(name); ++n) name = `${base} ${n}`;
  return name;
}
