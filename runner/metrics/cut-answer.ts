const LIMIT = 2048;
const MARK = '…';

/** The beginning of an answer that is longer than 2 KiB of UTF-8, with a mark. */
export function cutAnswer(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LIMIT) return text;
  // A stream's decoder keeps back the character that the cut went through.
  const head = new TextDecoder().decode(bytes.subarray(0, LIMIT - Buffer.byteLength(MARK)), { stream: true });
  return head + MARK;
}

/** The end of a text, by whole lines where possible, at most `limit` bytes of UTF-8 (2 KiB), with a mark where it was cut. */
export function lastLines(text: string, limit = LIMIT): string {
  const bytes = Buffer.from(text.trimEnd());
  if (bytes.length <= limit) return bytes.toString();
  const tail = bytes.subarray(-(limit - Buffer.byteLength(MARK))).toString();
  const line = tail.indexOf('\n');
  return MARK + tail.slice(line === -1 ? 0 : line + 1).replace(/^\uFFFD+/, '');
}
