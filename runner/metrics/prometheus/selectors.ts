/** A vector selector of a query: its text without range, offset and `@`, and the labels that it wants to be equal to something. */
export type Selector = { text: string; equals: ReadonlyMap<string, string> };

/**
 * The vector selectors of a PromQL query, in order. Not a parser: it knows the tokens, which words are no metrics, and that braces
 * hold matchers (prometheus.io/docs/prometheus/latest/querying/basics); of a query that the server would refuse it may find anything.
 */
export function findSelectors(query: string): Selector[] {
  const tokens = (query.match(TOKEN) ?? []).filter((token) => !/^[\s#]/.test(token));
  const selectors: Selector[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    const next = tokens[index + 1] ?? '';
    if (token === '[') index = closing(tokens, index, ']');
    else if (GROUPINGS.has(token.toLowerCase()) && next === '(') index = closing(tokens, index + 1, ')');
    else if (token === '{' || (isMetric(token, next) && next === '{')) {
      const end = closing(tokens, index, '}');
      selectors.push(selector(tokens.slice(index, end + 1)));
      index = end;
    } else if (isMetric(token, next)) selectors.push(selector([token]));
  }
  return selectors;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|\s+|[A-Za-z_:][\w:]*|\d[\w.]*|[=!]~|[=!]=|./gs;

const GROUPINGS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const WORDS = new Set([...GROUPINGS, 'and', 'or', 'unless', 'atan2', 'bool', 'offset', 'inf', 'nan']);

/** A name that is neither a keyword, nor a function, nor an aggregation whose grouping comes first. */
function isMetric(token: string, next: string): boolean {
  return /^[A-Za-z_:]/.test(token) && !WORDS.has(token.toLowerCase()) && next !== '(' && !['by', 'without'].includes(next.toLowerCase());
}

function closing(tokens: readonly string[], from: number, close: string): number {
  const end = tokens.indexOf(close, from);
  return end === -1 ? tokens.length - 1 : end;
}

function selector(tokens: readonly string[]): Selector {
  const equals = tokens.flatMap((token, index): [string, string][] => {
    const [label, value] = [tokens[index - 1], tokens[index + 1]];
    return token === '=' && label !== undefined && value !== undefined ? [[unquote(label), unquote(value)]] : [];
  });
  return { text: tokens.join(''), equals: new Map(equals) };
}

function unquote(token: string): string {
  if (token.startsWith('`')) return token.slice(1, -1);
  if (!/^["']/.test(token)) return token;
  return token.slice(1, -1).replace(/\\(.)/gs, (_, escaped: string) => ({ n: '\n', t: '\t', r: '\r' })[escaped] ?? escaped);
}
