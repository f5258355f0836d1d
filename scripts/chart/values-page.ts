import { flow } from './values-file.ts';
import { sectionOf, settable, type ValuesSchema } from './values-schema.ts';

/** docs/values.md: one table of single values, then one per section. */
export function valuesPage(schema: ValuesSchema): string {
  const values = settable(schema.properties ?? {});
  const single = values.filter(([, each]) => sectionOf(each) === undefined);
  const sections = values.filter(([, each]) => sectionOf(each) !== undefined);
  return `${[INTRODUCTION, table(rowsOf(single, '')), ...sections.map(([name, each]) => section(name, each))].join('\n\n')}\n`;
}

const INTRODUCTION = `# Values of the chart

<!-- Made from charts/fieldtrial/values.schema.json by \`npm run chart:values\`. -->

\`\`\`yaml
# docs/examples/installation/values.yaml
git:
  url: https://git.example/shop.git
  credentials: {secret: fieldtrial-git}
slots: [shop-1, shop-2]
image: {repository: registry.example/fieldtrial}
\`\`\`

The [image](image.md) comes from a registry of yours. That is enough for experiments that patch Deployments, StatefulSets, DaemonSets and ConfigMaps
and have no setup tasks. [install.md](install.md) says how to go on. A value that does not exist, or of a wrong type, is refused by \`helm install\`.`;

function section(name: string, schema: ValuesSchema): string {
  return `## ${name}\n\n${schema.description ?? ''}\n\n${table(rowsOf(settable(sectionOf(schema) ?? {}), `${name}.`))}`;
}

type Row = { name: string; schema: ValuesSchema };

function rowsOf(values: readonly [string, ValuesSchema][], prefix: string): Row[] {
  return values.flatMap(([name, schema]) => {
    const inner = sectionOf(schema);
    return inner === undefined ? [{ name: `${prefix}${name}`, schema }] : rowsOf(settable(inner), `${prefix}${name}.`);
  });
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ name, schema }) => `| \`${name}\` | ${typeOf(schema)} | ${defaultOf(schema)} | ${schema.description ?? ''} |`);
  return ['| Value | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

function typeOf({ enum: choices, type, items }: ValuesSchema): string {
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (type === 'array')
    return `list of ${items?.enum === undefined && Array.isArray(items?.type) ? items.type.join(' or ') : String(items?.type)}`;
  return (Array.isArray(type) ? type : [type]).filter((each) => each !== 'null').join(' or ');
}

function defaultOf({ default: value }: ValuesSchema): string {
  return value === null || value === '' ? 'none' : `\`${flow(value)}\``;
}
