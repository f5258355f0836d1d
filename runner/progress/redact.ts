const MASK = '***';

/** Shorter secrets would mask ordinary words and protect nothing. */
const SHORTEST_SECRET = 4;
/** Shorter pieces of a longer base64 text would be found by chance. */
const SHORTEST_BASE64_PIECE = 8;

/**
 * Masks every form in which a secret may leave the process: as it is (whole and line by line), URL-encoded, escaped in
 * JSON, and in base64, alone or inside a longer text such as a Basic authorization header. Applied once, where text is
 * written.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const plain = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).filter(({ length }) => length >= SHORTEST_SECRET);
  // A long form may contain a short one; masked first, it leaves nothing behind.
  const forms = [...new Set(plain.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, MASK), text);
}

function formsOf(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const base64 = Buffer.from(secret).toString('base64');
  const base64Forms = [base64, base64.replace(/=+$/, ''), ...base64Pieces(secret)];
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [secret, escaped, url, lowerCaseEscapes(url), form, ...base64Forms, ...base64Forms.map(toBase64Url)];
}

function lowerCaseEscapes(url: string): string {
  return url.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/**
 * What stays of a secret in the base64 of a longer text, where it may begin at any of three places in a group of three
 * bytes; characters that it shares with its neighbors are left out.
 */
function base64Pieces(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2]
    .map((offset) => {
      const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
      const first = Math.ceil((offset * 8) / 6);
      const end = Math.floor(((offset + bytes.length) * 8) / 6);
      return padded.slice(first, end);
    })
    .filter(({ length }) => length >= SHORTEST_BASE64_PIECE);
}

function toBase64Url(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}
