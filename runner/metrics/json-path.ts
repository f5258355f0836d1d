import { compile, JSONPathError, JSONPathRecursionLimitError, type JSONPathQuery, type JSONValue } from 'json-p3';

/** `matches` is undefined for a document that nests too deeply to be searched by `..`. */
export type JsonPath = { matches(document: unknown): unknown[] | undefined } | { problem: string };

/**
 * One expression in kubectl's dialect of JSONPath, such as `{.items[?(@.name=="p95")].value}`; as in kubectl's custom columns, braces
 * and the first dot may be left out. Names hold any character but those of the grammar, which a backslash escapes: `{.metrics.p(95)}`,
 * `{.labels.app\.kubernetes\.io/name}`. Written in the terms of RFC 9535 it is evaluated as that, which knows no code and no functions
 * of the host. The grammar is that of k8s.io/client-go/util/jsonpath/parser.go.
 */
export function parseJsonPath(text: string): JsonPath {
  const written = text.trim();
  const expression = (/^\{(.*)\}$/s.exec(written)?.[1] ?? written).trim();
  const path = translatePath(expression.replace(/^\$/, ''));
  if (expression === '' || path === undefined || /^(range|end)\b/.test(expression)) return notOne(written);
  const compiled = tryCompile(`$${path}`);
  return compiled === undefined ? notOne(written) : { matches: (document) => search(compiled, document) };
}

/** The library's words would be about what the path was translated to. */
function tryCompile(path: string): JSONPathQuery | undefined {
  try {
    return compile(path);
  } catch (error) {
    if (error instanceof JSONPathError) return undefined;
    throw error;
  }
}

function search(path: JSONPathQuery, document: unknown): unknown[] | undefined {
  try {
    return path.query(document as JSONValue).values();
  } catch (error) {
    if (error instanceof JSONPathRecursionLimitError) return undefined;
    throw error;
  }
}

function notOne(written: string): JsonPath {
  return { problem: `${JSON.stringify(written)} is not a JSONPath; expected one expression as kubectl takes it, such as {.latency.p95}` };
}

function translatePath(path: string): string | undefined {
  return path === '' || /^[.[]/.test(path) ? translateSteps(path) : translateSteps(`.${path}`);
}

const TEXT = String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;
const FILTER = new RegExp(String.raw`^(\.\.)?\[\?\(((?:${TEXT}|[^"')]|\)(?!\s*\]))*)\)\s*\]`, 's');
const BRACKET = new RegExp(String.raw`^(\.\.)?\[((?:${TEXT}|[^\]"'])*)\]`, 's');
const NAME = /^(\.\.?)((?:\\.|[^\s.,[\]$@{}"'\\])+)/s;

/** undefined for what does not begin with a step. */
function translateSteps(path: string): string | undefined {
  if (path === '') return '';
  const [step, dots = '', inner = ''] = FILTER.exec(path) ?? BRACKET.exec(path) ?? NAME.exec(path) ?? [];
  if (step === undefined) return undefined;
  const selector = FILTER.test(step) ? translateFilter(inner) : BRACKET.test(step) ? translateBracket(inner) : translateName(inner);
  const rest = translateSteps(path.slice(step.length));
  if (selector === undefined || rest === undefined) return undefined;
  return `${dots === '..' ? '..' : ''}[${selector}]${rest}`;
}

function translateName(name: string): string {
  return name === '*' ? '*' : JSON.stringify(name.replaceAll(/\\(.)/gs, '$1'));
}

/** Names in quotes, positions, slices and `*`, separated by commas. */
function translateBracket(inner: string): string | undefined {
  const items = inner.match(new RegExp(String.raw`(?:${TEXT}|[^,"'])+`, 'gs'))?.map((item) => item.trim()) ?? [];
  const selectors = items.map((item) =>
    /^["']/.test(item) ? translateText(item) : /^(\*|-?\d*(:-?\d*){0,2})$/.test(item) ? item : undefined,
  );
  return selectors.includes(undefined) ? undefined : selectors.join(',');
}

/** A comparison of two sides, or a path that must be there. */
function translateFilter(inner: string): string | undefined {
  const [, left = inner, operator, right] = /^((?:"[^"]*"|'[^']*'|[^"'!<>=])+)(==|!=|<=|>=|<|>)(.+)$/s.exec(inner) ?? [];
  const sides = [left, ...(right === undefined ? [] : [right])].map((side) => translateSide(side.trim()));
  return sides.includes(undefined) ? undefined : `?${sides.join(operator)}`;
}

function translateSide(side: string): string | undefined {
  if (/^["']/.test(side)) return translateText(side);
  if (/^(true|false|null|-?\d+(\.\d+)?)$/.test(side)) return side;
  const steps = /^[@$][^!<>=&|]*$/.test(side) ? translateSteps(side.slice(1)) : undefined;
  return steps === undefined ? undefined : `${side[0]}${steps}`;
}

function translateText(text: string): string {
  return JSON.stringify(text.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1'));
}
