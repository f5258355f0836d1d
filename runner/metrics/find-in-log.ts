import { parseFinite } from './parse-finite.ts';

export type Finding = { status: 'Found'; value: number; raw: string } | { status: 'None'; why: string };

/** The number in the one group of a regular expression's last match; `^` and `$` are the ends of a line. */
export function findInText(log: string, pattern: string): Finding {
  const expression = compile(pattern);
  if (expression === undefined) return none(`${pattern} is not a regular expression that could be looked for`);
  if (groupCount(pattern) !== 1) return none(`${pattern} must have exactly one group to be looked for`);
  const match = [...log.matchAll(expression)].at(-1);
  if (match === undefined) return none('no match');
  const value = parseFinite(match[1] ?? '');
  return value === undefined
    ? none(`the last match ${JSON.stringify(match[0])} gives no finite decimal number`)
    : { status: 'Found', value, raw: match[0] };
}

/** The number (or the text of one) at a path such as `metrics.latency["p(95)"].values[0]` in the last line that is a JSON object or array. */
export function findInJson(log: string, path: string): Finding {
  const keys = parsePath(path);
  if (keys === undefined) return none(`${path} is not a path such as a.b[0]["c.d"] that could be looked up`);
  const line = log.split('\n').findLast(isJson);
  if (line === undefined) return none('no line that is JSON');
  const found = keys.reduce(step, JSON.parse(line));
  const value = typeof found === 'number' || typeof found === 'string' ? parseFinite(String(found)) : undefined;
  return value === undefined
    ? none(`${path} gives no finite number for the last line that is JSON`)
    : { status: 'Found', value, raw: line.trim() };
}

function none(why: string): Finding {
  return { status: 'None', why };
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'gm');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function groupCount(pattern: string): number {
  // With an empty alternative it matches anything, and a match lists every group.
  return new RegExp(`${pattern}|`).exec('')!.length - 1;
}

function parsePath(path: string): string[] | undefined {
  const rest = path.trim().replace(/^\$/, '');
  const segment = /\.?([^.[\]]+)|\[(\d+)\]|\["([^"]*)"\]/gy;
  const keys: string[] = [];
  let end = rest.startsWith('.') && rest[1] === '[' ? 1 : 0;
  for (segment.lastIndex = end; end < rest.length; end = segment.lastIndex) {
    const match = segment.exec(rest);
    if (match === null) return undefined;
    keys.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return keys.length === 0 ? undefined : keys;
}

function isJson(line: string): boolean {
  if (!/^\s*[[{]/.test(line)) return false;
  try {
    JSON.parse(line);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function step(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
