import { dump } from 'js-yaml';
import { formatProblem } from '../model/errors.ts';
import { finishedFor } from '../remote/remote-source.ts';
import { experimentStatus } from '../results/experiment-status.ts';
import { statusTable } from '../results/status-table.ts';
import { trialsTable } from '../results/trials-table.ts';
import { selectExperiments } from '../select-experiments.ts';
import { EXIT } from './exit-code.ts';
import type { GitFlags } from './git-credentials.ts';
import type { CommandContext } from './command-context.ts';
import { readRepository, type ReadRepository } from './read-repository.ts';

type StatusFlags = GitFlags & { repository?: string; output: 'table' | 'json' | 'yaml' };

/** `fieldtrial status`: computed from definitions and records each time. */
export async function statusCommand(name: string | undefined, flags: StatusFlags, context: CommandContext): Promise<number> {
  return readRepository(flags.repository, 'fieldtrial', flags, context, async (repository) => showStatus(name, flags, repository, context));
}

function showStatus(name: string | undefined, flags: StatusFlags, repository: ReadRepository, { output }: CommandContext): number {
  const { records, remoteLink } = repository;
  const { checked: shown, problems } = selectExperiments(repository, name === undefined ? [] : [name]);
  const statuses = shown.map(({ experiment, digest, loaded }) => {
    const remoteFinished = finishedFor(experiment, remoteLink(experiment.name));
    const remote = remoteFinished === undefined ? {} : { remoteFinished };
    return experimentStatus({ experiment, digest, queue: loaded.queue, records: records(experiment.name), running: 0, ...remote });
  });
  const [only] = shown;
  if (flags.output === 'json') output.data(JSON.stringify(name === undefined ? statuses : statuses[0], undefined, 2));
  else if (flags.output === 'yaml') output.data(dump(name === undefined ? statuses : statuses[0], { lineWidth: -1 }));
  else {
    for (const line of statusTable(statuses)) output.data(line);
    if (name !== undefined && only !== undefined) {
      output.data('');
      for (const line of trialsTable(records(name), only.digest)) output.data(line);
    }
  }
  for (const problem of problems) output.say(formatProblem(problem));
  return problems.length > 0 ? EXIT.invalid : EXIT.done;
}
