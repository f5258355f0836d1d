import { formatPath, type Locate } from './definition/locate.ts';
import { describeTrial } from './lifecycle/describe-trial.ts';
import { sampleQueryScope } from './lifecycle/sample-scope.ts';
import { parseJsonPath } from './metrics/json-path.ts';
import { parseUrl } from './metrics/metric-url.ts';
import type { Problem } from './model/errors.ts';
import type { Metric } from './model/experiment.ts';
import { areKnown, type Sample } from './sample.ts';
import { checkTemplate } from './template/check-template.ts';
import { OPAQUE } from './template/opaque.ts';
import { renderText } from './template/render-text.ts';
import { TemplateError } from './template/template-error.ts';

type Field = 'query' | 'url' | 'errorQuery';

/**
 * What is wrong with the templates of metrics: in every branch, and in what they render to for this trial. What an object of the cluster
 * holds is known in the cluster alone, so nothing is said of it; where a value is OPAQUE nothing is rendered.
 */
export function checkQueries(metrics: readonly Metric[], { trial, values }: Sample, locate: Locate): Problem[] {
  return metrics.flatMap((metric, index) =>
    templatesOf(metric).flatMap(([field, source]) => {
      const path = ['spec', 'metrics', index, field];
      return problemsOf(metric, field, source, { trial, values }).map(({ message, line }) => ({
        ...locate(path, line),
        path: formatPath(path),
        message,
      }));
    }),
  );
}

function templatesOf(metric: Metric): [field: Field, source: string][] {
  const { query, url, errorQuery }: Partial<Record<Field, string>> = metric;
  const fields = { query, url, errorQuery };
  return (Object.entries(fields) as [Field, string | undefined][]).flatMap(([field, source]) =>
    source === undefined ? [] : [[field, source] as [Field, string]],
  );
}

type Found = { message: string; line?: number | undefined };

function problemsOf(metric: Metric, field: Field, source: string, { trial, values }: Sample): Found[] {
  const isTargeted = 'target' in metric && metric.target !== undefined;
  const { window, ...names } = sampleQueryScope(trial);
  const target = isTargeted ? OPAQUE : describeTrial(trial, { startTime: window.start, completionTime: window.completion });
  const scope = { ...names, values, window, ...((isTargeted || metric.type === 'kubernetes') && { target }) };
  const anywhere = checkTemplate(source, scope);
  if (isTargeted || !areKnown(values)) return anywhere;
  const rendered = renderingProblem(() => parse(metric, field, renderText(source, scope)));
  const isKnown = anywhere.some(({ message, line }) => message === rendered?.message && line === rendered.line);
  return rendered === undefined || isKnown ? anywhere : [...anywhere, rendered];
}

/** Why what a template renders to is not what its field takes. */
function parse({ type }: Metric, field: Field, rendered: string): string | undefined {
  const parsed = field === 'url' ? parseUrl(rendered) : type === 'jsonpath' ? parseJsonPath(rendered) : {};
  return 'problem' in parsed && typeof parsed.problem === 'string' ? parsed.problem : undefined;
}

function renderingProblem(render: () => string | undefined): Found | undefined {
  try {
    const message = render();
    return message === undefined ? undefined : { message };
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
}
