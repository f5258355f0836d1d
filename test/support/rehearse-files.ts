import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearse, type Rehearsals } from '../../runner/rehearse/rehearse.ts';
import type { RehearsalDeps, RehearsalOptions } from '../../runner/rehearse/rehearse-experiment.ts';
import { GIT_ENVIRONMENT, type Files } from './git-repository.ts';
import { openRepository } from '../../runner/definition/repository-files.ts';
import { createWorkingFolder } from './working-folder.ts';

/** Rehearses every experiment of a repository of these files, two trials each. */
export async function rehearseFiles(
  files: Files,
  { helm, ...options }: Partial<RehearsalOptions & Pick<RehearsalDeps, 'helm'>> = {},
): Promise<Rehearsals> {
  const folder = await createWorkingFolder(files);
  const workdir = await mkdtemp(join(tmpdir(), 'fieldtrial-rehearsal-'));
  try {
    return await rehearse(
      [],
      { trials: 2, manifests: [], node: {}, chaos: undefined, image: 'fieldtrial:test', version: '0.0.0', ...options },
      {
        root: folder.path,
        files: openRepository(folder.path),
        environment: GIT_ENVIRONMENT,
        workdir,
        helm,
        ownCharts: async () => '/nonexistent',
      },
      new AbortController().signal,
    );
  } finally {
    await folder.cleanup();
    await rm(workdir, { recursive: true, force: true });
  }
}
