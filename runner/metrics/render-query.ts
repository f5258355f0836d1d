import type { Metric } from '../model/experiment.ts';
import { renderText } from '../template/render-text.ts';
import { TemplateError } from '../template/template-error.ts';
import { MetricUnavailable } from './metric-unavailable.ts';

/** One of a metric's templates, rendered; throws MetricUnavailable, since what a target holds is known only now. */
export function renderQuery(metric: Pick<Metric, 'name'>, source: string, scope: object): string {
  try {
    return renderText(source, scope);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new MetricUnavailable(metric.name, source, `the query cannot be rendered: ${error.message}`, {
      cause: error,
    });
  }
}
