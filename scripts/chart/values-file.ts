import { dump } from 'js-yaml';
import { sectionOf, settable, type ValuesSchema } from './values-schema.ts';

const WIDTH = 110;

/** The chart's values.yaml: every value with its default and what it means. */
export function valuesFile(schema: ValuesSchema): string {
  const heading = '# Made from values.schema.json by `npm run chart:values`; docs/values.md says the same as a table.\n';
  return [heading, ...settable(schema.properties ?? {}).map(([name, each]) => lines(name, each, '').join('\n'))].join('\n').concat('\n');
}

function lines(name: string, schema: ValuesSchema, indent: string): string[] {
  const comment = wrap(schema.description ?? '', WIDTH - indent.length).map((line) => `${indent}# ${line}`);
  const section = sectionOf(schema);
  if (section === undefined) return [...comment, `${indent}${name}: ${flow(schema.default)}`];
  return [...comment, `${indent}${name}:`, ...settable(section).flatMap(([inner, each]) => lines(inner, each, `${indent}  `))];
}

export function flow(value: unknown): string {
  return dump(value, { flowLevel: 0, lineWidth: -1, quoteStyle: 'double' }).trim();
}

function wrap(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>((done, word) => {
    const last = done.at(-1);
    return last === undefined || `# ${last} ${word}`.length > width ? [...done, word] : [...done.slice(0, -1), `${last} ${word}`];
  }, []);
}
