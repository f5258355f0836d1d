import { StageFailure } from '../model/errors.ts';
import type { Metric } from '../model/experiment.ts';
import type { MetricValue } from '../model/record.ts';
import { violatedBound } from '../metrics/check-bounds.ts';

/** The first value outside its metric's bounds as the trial's failure; the values themselves are kept (R§11). */
export function checkBounds(metrics: readonly Metric[], values: readonly MetricValue[]): StageFailure | undefined {
  const messages = values.flatMap((value) => {
    const metric = metrics.find(({ name }) => name === value.name);
    const message = metric === undefined ? undefined : violatedBound(metric, value.value);
    return message === undefined ? [] : [message];
  });
  return messages.length === 0 ? undefined : new StageFailure('collect', 'MetricBound', messages.join('; '));
}
