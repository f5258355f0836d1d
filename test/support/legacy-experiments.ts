import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkDefinitions, type CheckedExperiment } from '../../runner/check-definitions.ts';
import type { LoadedExperiment } from '../../runner/definition/load-experiment.ts';
import { loadRepository } from '../../runner/definition/load-repository.ts';
import { formatProblem } from '../../runner/model/errors.ts';
import { experimentFile } from './definitions.ts';
import type { Files } from './git-repository.ts';
import { repositoryOf } from './repository-of.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'legacy');

/** The chart that legacy experiments install. */
export const CHART: Files = { 'charts/postgres/Chart.yaml': 'apiVersion: v2\nname: postgres\nversion: 1.0.0\n' };

/** Experiments as users of Red Sky Ops and StormForge Optimize wrote them, by name. */
export async function readLegacyExperiments(): Promise<{ name: string; text: string }[]> {
  const files = (await readdir(FIXTURES)).filter((file) => file.endsWith('.yaml'));
  return Promise.all(files.map(async (file) => ({ name: basename(file, '.yaml'), text: await readFile(join(FIXTURES, file), 'utf8') })));
}

export type CheckedText = {
  loaded: LoadedExperiment;
  /** Absent when there are problems. */
  checked: CheckedExperiment | undefined;
  /** As they are printed, from the line on. */
  problems: string[];
  notices: string[];
};

/** What `validate` finds of one experiment file, in a repository that has nothing else but a chart. */
export async function checkText(text: string): Promise<CheckedText> {
  const files = repositoryOf({ ...CHART, [experimentFile('x')]: text });
  const repository = await loadRepository(files);
  const definitions = await checkDefinitions(repository, files, 'fieldtrial:test');
  const [loaded] = repository.experiments;
  const brief = (line: string) => line.replace('experiments/x/experiment.yaml:', '');
  return {
    loaded: loaded!,
    checked: definitions.checked[0],
    problems: definitions.problems.map((problem) => brief(formatProblem(problem))),
    notices: loaded!.notices.map((notice) => brief(formatProblem(notice))),
  };
}
