import { outageOf, type Answer } from './ask-json.ts';
import { lookUntilFound, type Look } from './look-until-found.ts';
import type { MetricDeps } from './metric-context.ts';
import { MetricUnavailable } from './metric-unavailable.ts';

/** What a metric asks of a server, until the signal aborts. */
export type Question = {
  name: string;
  /** Rendered. */
  query: string;
  deps: Pick<MetricDeps, 'clock' | 'waiting'>;
  signal: AbortSignal;
};

/** Looks until something is found; throws MetricUnavailable of what was missing when the signal aborted. */
export function untilFound<Found>({ name, query, deps, signal }: Question, look: () => Promise<Look<Found>>): Promise<Found> {
  const waiting = (message: string) => deps.waiting(`metric ${name}: ${message}`);
  const giveUp = (missing: string, transient: boolean) => new MetricUnavailable(name, query, missing, { transient, cause: signal.reason });
  return lookUntilFound(look, giveUp, { clock: deps.clock, waiting }, signal);
}

/** Asks until there is an answer; throws MetricUnavailable when it is a refusal. */
export async function untilAnswered(question: Question, ask: () => Promise<Answer>): Promise<{ data: any; raw: string }> {
  return untilFound(question, async () => {
    const answer = await ask();
    if (answer.status === 'Unavailable') return outageOf(answer);
    if (answer.status === 'Refused') throw new MetricUnavailable(question.name, question.query, answer.message, { raw: answer.raw });
    return { found: answer };
  });
}

/** Waits for a moment: until then the last samples of the trial may be on their way. */
export async function untilTime(question: Question, end: Date): Promise<Date> {
  return untilFound<Date>(question, async () => {
    if (question.deps.clock.now() >= end) return { found: end };
    return { missing: `the last samples are waited for until ${end.toISOString()}`, transient: false };
  });
}
