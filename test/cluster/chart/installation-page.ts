import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../../../scripts/example/project.ts';

/** The commands that a page of the documentation tells its reader to type under one heading, in order. */
export async function commandsOf(page: string, heading: string): Promise<string[]> {
  const text = await readFile(join(PROJECT, 'docs', page), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/${page} has no heading "${heading}"`);
  const blocks = [...section.matchAll(/```console\n([^]*?)```/g)].map(([, block]) => block ?? '');
  return blocks.flatMap((block) => block.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : [])));
}
