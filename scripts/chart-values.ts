/** Writes what the chart's schema says as values.yaml and as a page of the documentation: `npm run chart:values`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { valuesFile } from './chart/values-file.ts';
import { valuesPage } from './chart/values-page.ts';
import type { ValuesSchema } from './chart/values-schema.ts';
import { PROJECT } from './example/project.ts';

const chart = join(PROJECT, 'charts', 'fieldtrial');
const schema = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8')) as ValuesSchema;
await writeFile(join(chart, 'values.yaml'), valuesFile(schema));
await writeFile(join(PROJECT, 'docs', 'values.md'), valuesPage(schema));
