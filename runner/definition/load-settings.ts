import type { Problem } from '../model/errors.ts';
import type { Timeouts } from '../model/experiment.ts';
import { checkSchema } from './check-schema.ts';
import { parseDuration } from './duration.ts';
import { toProblems, type Locate } from './locate.ts';
import { parseYaml } from './read-yaml.ts';
import type { RepositoryFiles } from './repository-files.ts';
import { settingsSchema } from './settings-schema.ts';

export const SETTINGS_FILE = 'fieldtrial.yaml';

export type Settings = {
  /** `same`: records lie on the branch of the definitions. */
  resultsBranch: string;
  author: { name: string; email: string };
  /** Namespaces; empty when the repository names none. */
  slots: string[];
  /** Milliseconds, for the stages whose timeout an experiment leaves open. */
  timeouts: Partial<Timeouts>;
};

export const DEFAULT_SETTINGS: Settings = {
  resultsBranch: 'fieldtrial/results',
  author: { name: 'fieldtrial', email: 'fieldtrial@localhost' },
  slots: [],
  timeouts: {},
};

/** The repository's settings; the defaults where it has none, or (beside the problems) invalid ones. */
export async function loadSettings(files: RepositoryFiles): Promise<{ settings: Settings; problems: Problem[] }> {
  if ((await files.list(SETTINGS_FILE)).length === 0) return { settings: DEFAULT_SETTINGS, problems: [] };
  const { documents, problems } = parseYaml((await files.read(SETTINGS_FILE)).toString('utf8'), SETTINGS_FILE);
  const [document] = documents;
  if (document === undefined || problems.length > 0) return { settings: DEFAULT_SETTINGS, problems };
  const checked = checkSchema(settingsSchema, document.value ?? {});
  if (checked.ok) return { settings: normalize(checked.value), problems: [] };
  const locate: Locate = (path) => ({ file: SETTINGS_FILE, line: document.lineOf(path) });
  return { settings: DEFAULT_SETTINGS, problems: toProblems(checked.findings, locate) };
}

type WrittenSettings = ReturnType<typeof settingsSchema.parse>;

function normalize({ resultsBranch, author, slots, timeouts = {} }: WrittenSettings): Settings {
  const stages = Object.entries(timeouts).map(([stage, timeout]) => [stage, parseDuration(timeout)!]);
  return {
    resultsBranch: resultsBranch ?? DEFAULT_SETTINGS.resultsBranch,
    author: { ...DEFAULT_SETTINGS.author, ...author },
    slots: slots ?? [],
    timeouts: Object.fromEntries(stages),
  };
}
