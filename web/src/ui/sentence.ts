// The server's words as sentences of their own.

/** The server's reasons are written to go on after a colon: here they stand alone. An address keeps its small letter. */
export function sentence(text: string): string {
  if (!text) return "";
  const starts_with_word = /^[a-z]+[ ,;]/.test(text);
  const first = starts_with_word ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

/** What is wrong with a form's field: the server's words, which may begin with the field's key or lean on its name. */
export function field_trouble(text: string, key: string, name: string): string {
  const bare = text.startsWith(`${key}: `) ? text.slice(key.length + 2) : text;
  return sentence(/^(is|has|may|cannot|begins) /.test(bare) ? `${name} ${bare}` : bare);
}
