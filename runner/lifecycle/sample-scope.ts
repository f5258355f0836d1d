import type { QueryScope, Trial } from '../model/trial.ts';
import { templateScope } from './render-trial.ts';

/** What a metric's templates see of a trial that was never run: a minute, and no target. */
export function sampleQueryScope(trial: Pick<Trial, 'name' | 'slot' | 'number' | 'experiment' | 'assignments'>): QueryScope {
  const window = { start: '2026-01-01T00:00:00.000Z', completion: '2026-01-01T00:01:00.000Z', duration: 60 };
  return { ...templateScope(trial), window, range: '60s' };
}
