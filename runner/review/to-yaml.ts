import { dump } from 'js-yaml';

/** One document, with every value written out in one line where it can be. */
export function toYaml(value: unknown): string {
  return dump(JSON.parse(JSON.stringify(value)), { lineWidth: -1, noRefs: true });
}
