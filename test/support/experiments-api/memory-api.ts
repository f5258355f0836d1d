import type { ExperimentsApi, RemoteExperiment } from '../../../runner/remote/experiments-api.ts';
import { RemoteError, type RemoteReason } from '../../../runner/remote/remote-error.ts';
import { isRefusal, type ExperimentsState, type Refusal, type ServerExperiment } from './experiments-state.ts';

const BASE = 'https://api.test/v1/experiments/';

/** The Experiments API without HTTP, in front of a state that outlives it. */
export function memoryApi(state: ExperimentsState): ExperimentsApi {
  const nameOf = (url: string) => url.replace(BASE, '').split('/')[0]!;
  const numberOf = (url: string) => Number(url.split('/').at(-1));
  const refuse = (refusal: Refusal | undefined, reasons: Record<number, RemoteReason>) => {
    if (refusal === undefined) return;
    const { status, error, retryAfter = 0 } = refusal;
    throw new RemoteError(reasons[status] ?? 'unexpected', error, { status, retryAfter: retryAfter * 1000 });
  };
  const experimentOf = ({ name, definition }: ServerExperiment): RemoteExperiment => {
    const url = `${BASE}${name}`;
    const links = new Map(['trials', 'next-trial', 'labels'].map((relation) => [relation, `${url}/${relation}`]));
    return { url, name, links, experiment: definition };
  };

  return {
    covers: (url) => url.startsWith(BASE),
    check: async () => undefined,
    list: async () => [...state.experiments.values()].map(experimentOf),
    async get(ref) {
      const experiment = state.experiments.get(nameOf(ref));
      if (experiment === undefined) throw new RemoteError('experiment-not-found', 'experiment not found', { status: 404 });
      return experimentOf(experiment);
    },
    async create(ref, definition) {
      const put = state.put(nameOf(ref), definition);
      if (isRefusal(put)) throw new RemoteError('experiment-name-conflict', put.error, { status: put.status });
      return experimentOf(put.experiment);
    },
    remove: async (url) => void state.experiments.delete(nameOf(url)),
    label: async () => undefined,
    async trials(url, { status = [] }) {
      const name = nameOf(url);
      const found = state.experiments.get(name)?.trials.filter((trial) => status.some((each) => each === trial.status)) ?? [];
      return found.map(({ number, assignments, labels = {}, status: is }) => {
        const self = `${BASE}${name}/trials/${number}`;
        return { url: self, name: String(number), links: new Map(), assignments, labels, status: is, number };
      });
    },
    async suggest(url, suggestion) {
      const trial = state.suggest(nameOf(url), suggestion);
      if (isRefusal(trial)) {
        refuse(trial, { 409: 'experiment-stopped', 422: 'trial-invalid' });
        return undefined;
      }
      return `${BASE}${nameOf(url)}/trials/${trial.number}`;
    },
    async next(url) {
      const trial = state.next(nameOf(url));
      if (isRefusal(trial)) {
        refuse(trial, { 404: 'experiment-not-found', 410: 'experiment-stopped', 503: 'trial-unavailable' });
        throw new Error('not reached');
      }
      return { url: `${BASE}${nameOf(url)}/trials/${trial.number}`, assignments: trial.assignments, labels: trial.labels ?? {} };
    },
    report: async (url, report) =>
      refuse(state.report(nameOf(url), numberOf(url), report), { 404: 'trial-not-found', 409: 'trial-already-reported' }),
    abandon: async (url) => refuse(state.abandon(nameOf(url), numberOf(url)), { 404: 'trial-not-found' }),
  };
}
