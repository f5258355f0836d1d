/** Relation → absolute URL. Relations of the contract's own are known by their last word, such as `next-trial` (R§22.3). */
export type Links = ReadonlyMap<string, string>;

const OWN_RELATIONS = /^https:\/\/(?:stormforge\.io|carbonrelay\.com)\/rel\//i;
const ALIASES: Readonly<Record<string, string>> = { previous: 'prev', nexttrial: 'next-trial', triallabels: 'labels' };

/**
 * The links of a `Link` header or of a list item's `_metadata` (RFC 8288), several headers or one with commas; a URL is resolved against
 * that of the request, and may hold commas and semicolons. What is no link is passed over, and so is a URL that cannot be one.
 */
export function parseLinks(header: unknown, base: string): Links {
  const texts = Array.isArray(header) ? header : [header];
  const links = texts
    .filter((text) => typeof text === 'string')
    .flatMap((text) => [...text.matchAll(LINK)])
    .flatMap(([, target = '', parameters = '']) => {
      const url = URL.parse(target, base);
      return url === null ? [] : relationsOf(parameters).map((relation) => [relation, url.href] as const);
    });
  return new Map(links);
}

/** `<target>` and the parameters up to the next one. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:"[^"]*"|[^",;\s]*))?)*)/g;

const PARAMETER = /;\s*([^\s=;,]+)\s*(?:=\s*(?:"([^"]*)"|([^",;\s]*)))?/g;

/** The relations that a link's `rel` names, quoted or not, in any case. */
function relationsOf(parameters: string): string[] {
  const rel = [...parameters.matchAll(PARAMETER)].find(([, name = '']) => name.toLowerCase() === 'rel');
  const [, , quoted, plain] = rel ?? [];
  return (quoted ?? plain ?? '')
    .split(/\s+/)
    .filter((relation) => relation !== '')
    .map(canonical);
}

function canonical(relation: string): string {
  const name = relation.replace(OWN_RELATIONS, '').toLowerCase();
  return ALIASES[name] ?? name;
}
