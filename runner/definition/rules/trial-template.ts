import { unknownParameter } from '../../model/parameter-space.ts';
import { parseDuration } from '../duration.ts';
import type { Finding, Path } from '../locate.ts';
import { pathProblem } from '../repository-files.ts';
import type { WrittenSetupTask, WrittenTrialTemplate } from '../trial-template-schema.ts';
import { duplicateNames, finding } from './rule.ts';

/** A rule of trial templates, which holds for written and for rendered ones; paths begin at the template. */
export type TemplateRule = (template: WrittenTrialTemplate) => Finding[];

const TASKS = ['spec', 'setupTasks'];

export const setupTaskNamesAreUnique: TemplateRule = ({ spec }) => duplicateNames(spec?.setupTasks ?? [], TASKS);

/** A task is either a container of the user's own or work for the runner's. */
export const setupTaskHasOneJob: TemplateRule = forEachTask(({ image, command, args, helmChart, manifests }, path) => {
  const forImage = Object.entries({ command, args }).filter(([, value]) => value !== undefined);
  const forRunner = Object.entries({ helmChart, manifests }).filter(([, value]) => value !== undefined);
  if (image !== undefined)
    return forRunner.map(([field]) => finding([...path, field], `has no effect in a task with an image of its own; make it two tasks`));
  const idle = forImage.map(([field]) => finding([...path, field], `has no effect without image`));
  if (forRunner.length === 0) return [...idle, finding(path, 'does nothing; it needs image, helmChart or manifests')];
  return forRunner.length === 2 ? [...idle, finding([...path, 'manifests'], 'stands beside helmChart; make it two tasks')] : idle;
});

export const helmValuesBelongToChart: TemplateRule = forEachTask(({ helmChart, helmValues = [] }, path) =>
  helmChart === undefined && helmValues.length > 0 ? [finding([...path, 'helmValues'], 'has no effect without helmChart')] : [],
);

export const helmValueHasOneSource: TemplateRule = forEachTask(({ helmValues = [] }, path) =>
  helmValues.flatMap(({ value, valueFrom }, index) => {
    const at = [...path, 'helmValues', index];
    if (value !== undefined && valueFrom !== undefined) return [finding([...at, 'valueFrom'], 'stands beside value; keep one of the two')];
    return value === undefined && valueFrom === undefined ? [finding(at, 'needs value or valueFrom')] : [];
  }),
);

/** Charts and manifests are read from the repository before anything is rendered. */
export const setupPathsStayInside: TemplateRule = forEachTask(({ helmChart, manifests = [] }, path) => {
  const chart = helmChart === undefined ? [] : [{ text: helmChart, at: [...path, 'helmChart'] }];
  const files = manifests.map((text, index) => ({ text, at: [...path, 'manifests', index] }));
  return [...chart, ...files].flatMap(({ text, at }) => {
    const problem = setupPathProblem(text);
    return problem === undefined ? [] : [finding(at, problem)];
  });
});

/** A gate without a name or labels would select nothing (R§9.3). */
export const readinessGateSelects: TemplateRule = ({ spec }) =>
  (spec?.readinessGates ?? []).flatMap(({ name, selector }, index) => {
    const path = ['spec', 'readinessGates', index];
    if (name === undefined && selector === undefined) return [finding(path, 'needs name or selector')];
    return name !== undefined && selector !== undefined ? [finding([...path, 'selector'], 'stands beside name; keep one of the two')] : [];
  });

/** A stage without time can only fail. What is still a template is checked when it is rendered. */
export const timeoutsArePositive: TemplateRule = ({ spec }) =>
  Object.entries(spec?.timeouts ?? {}).flatMap(([stage, timeout]) =>
    parseDuration(timeout) === 0 ? [finding(['spec', 'timeouts', stage], `${JSON.stringify(timeout)} leaves the stage no time`)] : [],
  );

export const TEMPLATE_RULES: readonly TemplateRule[] = [
  setupTaskNamesAreUnique,
  setupTaskHasOneJob,
  helmValuesBelongToChart,
  helmValueHasOneSource,
  setupPathsStayInside,
  readinessGateSelects,
  timeoutsArePositive,
];

/** `valueFrom.parameterRef` must name a parameter. */
export function unknownParameterRefs(template: WrittenTrialTemplate, parameterNames: readonly string[]): Finding[] {
  return forEachTask(({ helmValues = [] }, path) =>
    helmValues.flatMap(({ valueFrom }, index) => {
      const name = valueFrom?.parameterRef.name;
      if (name === undefined || parameterNames.includes(name)) return [];
      return [finding([...path, 'helmValues', index, 'valueFrom', 'parameterRef', 'name'], unknownParameter(name, parameterNames))];
    }),
  )(template);
}

/** Why a chart or manifest path cannot be read; undefined for one that may. */
export function setupPathProblem(path: string): string | undefined {
  if (path.includes('{{')) return `"${path}" is a template; files are read before anything is rendered, so write the path itself`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return `"${path}" is an address; this version reads charts and manifests from the repository`;
  return pathProblem(path);
}

function forEachTask(ofOne: (task: WrittenSetupTask, path: Path) => Finding[]): TemplateRule {
  return ({ spec }) => (spec?.setupTasks ?? []).flatMap((task, index) => ofOne(task, [...TASKS, index]));
}
