import type { AssignmentsPayload, ExperimentPayload, ReportPayload, TrialStatus } from '../../../runner/remote/payloads.ts';

/** A trial as the server keeps it; every report that reached it, so that tests see what came twice. */
export type ServerTrial = AssignmentsPayload & { number: number; status: TrialStatus; reports: ReportPayload[] };

export type ServerExperiment = { name: string; definition: ExperimentPayload; budget: number; trials: ServerTrial[] };

export type Refusal = { status: number; error: string; retryAfter?: number };

/**
 * What an Experiments server does, without HTTP (R§22.1, R§26): suggestions are queued and handed out before generated ones, at most
 * `parallelTrials` are active, the budget counts everything that was not abandoned, and 410 is for ever.
 */
export type ExperimentsState = {
  experiments: Map<string, ServerExperiment>;
  put(name: string, definition: ExperimentPayload): { status: 200 | 201; experiment: ServerExperiment } | Refusal;
  suggest(name: string, suggestion: AssignmentsPayload): ServerTrial | Refusal;
  next(name: string): ServerTrial | Refusal;
  report(name: string, number: number, report: ReportPayload): undefined | Refusal;
  abandon(name: string, number: number): undefined | Refusal;
};

const NO_EXPERIMENT: Refusal = { status: 404, error: 'experiment not found' };
const NO_TRIAL: Refusal = { status: 404, error: 'trial not found' };

export function experimentsState({
  budget = 20,
  parallelTrials = 10,
}: { budget?: number; parallelTrials?: number } = {}): ExperimentsState {
  const experiments = new Map<string, ServerExperiment>();

  const trialOf = (name: string, number: number) => experiments.get(name)?.trials.find((trial) => trial.number === number);

  const add = (experiment: ServerExperiment, { assignments, labels }: AssignmentsPayload, status: TrialStatus): ServerTrial => {
    const trial = { number: experiment.trials.length + 1, assignments, ...(labels && { labels }), status, reports: [] };
    experiment.trials.push(trial);
    return trial;
  };

  const isSpent = ({ trials, budget: most }: ServerExperiment) => trials.filter(({ status }) => status !== 'abandoned').length >= most;

  return {
    experiments,

    put(name, definition) {
      if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return { status: 400, error: `invalid experiment name: ${name}` };
      if (definition.parameters.length === 0) return { status: 422, error: 'an experiment needs parameters' };
      const known = experiments.get(name);
      const wanted = Number(definition.optimization?.find((each) => each.name === 'experimentBudget')?.value ?? budget);
      if (known !== undefined) {
        const parametersOf = ({ parameters }: ExperimentPayload) => parameters.map((each) => each.name).join();
        if (parametersOf(known.definition) !== parametersOf(definition)) return { status: 409, error: 'the name is taken' };
        Object.assign(known, { definition, budget: wanted });
        return { status: 200, experiment: known };
      }
      const experiment = { name, definition, budget: wanted, trials: [] };
      experiments.set(name, experiment);
      return { status: 201, experiment };
    },

    suggest(name, suggestion) {
      const experiment = experiments.get(name);
      if (experiment === undefined) return NO_EXPERIMENT;
      if (isSpent(experiment)) return { status: 409, error: 'experiment is stopped' };
      const missing = experiment.definition.parameters.filter(
        (parameter) => !suggestion.assignments.some(({ parameterName }) => parameterName === parameter.name),
      );
      if (missing.length > 0) return { status: 422, error: `no assignment for ${missing.map((each) => each.name).join(', ')}` };
      return add(experiment, suggestion, 'staged');
    },

    next(name) {
      const experiment = experiments.get(name);
      if (experiment === undefined) return NO_EXPERIMENT;
      const active = experiment.trials.filter(({ status }) => status === 'active').length;
      const staged = experiment.trials.find(({ status }) => status === 'staged');
      if (active >= parallelTrials) return { status: 503, error: 'too many trials are active', retryAfter: 5 };
      if (staged === undefined && isSpent(experiment))
        return active > 0
          ? { status: 503, error: 'waits for outstanding results', retryAfter: 5 }
          : { status: 410, error: 'experiment budget is exhausted' };
      if (staged !== undefined) return Object.assign(staged, { status: 'active' as const });
      return add(experiment, { assignments: generate(experiment) }, 'active');
    },

    report(name, number, report) {
      const trial = trialOf(name, number);
      if (trial === undefined || trial.status === 'abandoned') return NO_TRIAL;
      trial.reports.push(report);
      if (trial.status !== 'active') return { status: 409, error: 'trial was reported already' };
      trial.status = report.failed === true ? 'failed' : 'completed';
      return undefined;
    },

    abandon(name, number) {
      const trial = trialOf(name, number);
      if (trial === undefined || trial.status === 'abandoned') return NO_TRIAL;
      trial.status = 'abandoned';
      return undefined;
    },
  };
}

export function isRefusal(answer: object | undefined): answer is Refusal {
  return answer !== undefined && 'error' in answer;
}

/** The nth point of a walk through the space: no optimizer, and the same every time. Constraints of order are kept by swapping. */
function generate({ definition, trials }: ServerExperiment): AssignmentsPayload['assignments'] {
  const step = trials.length + 1;
  const values = new Map<string, number | string>(
    definition.parameters.map((parameter, index) => {
      const fraction = (step * [0.618034, 0.754878, 0.819173][index % 3]!) % 1;
      if (parameter.type === 'categorical') return [parameter.name, parameter.values[Math.floor(fraction * parameter.values.length)]!];
      const { min, max } = parameter.bounds;
      const value = min + fraction * (max - min);
      return [parameter.name, parameter.type === 'int' ? Math.round(value) : value];
    }),
  );
  for (const constraint of definition.constraints ?? []) {
    if (constraint.constraintType !== 'order') continue;
    const [lower, upper] = [values.get(constraint.lowerParameter), values.get(constraint.upperParameter)];
    if (typeof lower !== 'number' || typeof upper !== 'number' || lower <= upper) continue;
    values.set(constraint.lowerParameter, upper).set(constraint.upperParameter, lower);
  }
  return [...values].map(([parameterName, value]) => ({ parameterName, value }));
}
