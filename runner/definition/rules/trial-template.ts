import { unknownParameter } from '../../model/parameter-space.ts';
import { BUNDLED_PROMETHEUS } from '../../model/bundled-prometheus.ts';
import type { ChartSource } from '../../model/experiment.ts';
import { objectNameProblem } from '../../model/object-name.ts';
import { parseDuration } from '../duration.ts';
import type { Finding, Path } from '../locate.ts';
import { chartSource } from '../chart-source.ts';
import { pathProblem } from '../repository-files.ts';
import type { WrittenSetupTask, WrittenTrialTemplate } from '../trial-template-schema.ts';
import { duplicateNames, finding } from './rule.ts';
import { selectorFindings } from './selectors.ts';

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

export const chartFieldsBelongToChart: TemplateRule = forEachTask((task, path) =>
  task.helmChart !== undefined
    ? []
    : (['helmRepository', 'helmChartVersion', 'helmValues', 'helmValuesFrom'] as const).flatMap((field) =>
        task[field] === undefined || task[field].length === 0 ? [] : [finding([...path, field], 'has no effect without helmChart')],
      ),
);

/** A chart comes from one place, and only what is published there has versions. */
export const chartHasOneSource: TemplateRule = forEachTask(({ helmChart = '', helmRepository, helmChartVersion }, path) => {
  const source = chartSource({ helmChart, helmRepository });
  if (source === undefined || helmChart === '') return [];
  const problem = chartProblem(source);
  const chart = problem === undefined ? [] : [finding([...path, 'helmChart'], problem)];
  if (source.from === 'repository') {
    const repository = repositoryProblem(source.repository);
    return repository === undefined ? chart : [...chart, finding([...path, 'helmRepository'], repository)];
  }
  if (helmChartVersion === undefined || source.from === 'registry') return chart;
  return [
    ...chart,
    finding([...path, 'helmChartVersion'], 'has no effect: only charts of a helmRepository and oci:// references have versions'),
  ];
});

/** All trials ask the same server, and all trials push to it. */
export const onePrometheus: TemplateRule = ({ spec }) =>
  (spec?.setupTasks ?? []).flatMap(({ helmChart }, index, tasks) =>
    helmChart === BUNDLED_PROMETHEUS && tasks.findIndex((task) => task.helmChart === BUNDLED_PROMETHEUS) !== index
      ? [finding([...TASKS, index, 'helmChart'], 'a trial has one Prometheus; keep one of the two tasks')]
      : [],
  );

export const helmValueHasOneSource: TemplateRule = forEachTask(({ helmValues = [] }, path) =>
  helmValues.flatMap(({ value, valueFrom }, index) => {
    const at = [...path, 'helmValues', index];
    if (value !== undefined && valueFrom !== undefined) return [finding([...at, 'valueFrom'], 'stands beside value; keep one of the two')];
    return value === undefined && valueFrom === undefined ? [finding(at, 'needs value or valueFrom')] : [];
  }),
);

/** Manifests are read from the repository before anything is rendered. */
export const setupPathsStayInside: TemplateRule = forEachTask(({ manifests = [] }, path) =>
  manifests.flatMap((text, index) => {
    const problem = setupPathProblem(text);
    return problem === undefined ? [] : [finding([...path, 'manifests', index], problem)];
  }),
);

/** Repository files are read before anything is rendered. */
export const filePathsStayInside: TemplateRule = ({ spec }) =>
  (spec?.files ?? []).flatMap(({ path }, index) => {
    const problem = setupPathProblem(path);
    return problem === undefined ? [] : [finding(['spec', 'files', index, 'path'], problem)];
  });

/** A folder that is mounted into another, or twice, keeps the container from starting. */
export const filesHaveFoldersOfTheirOwn: TemplateRule = ({ spec }) =>
  (spec?.files ?? []).flatMap(({ mountPath }, index, files) => {
    const at = ['spec', 'files', index, 'mountPath'];
    if (!isRendered(mountPath)) return [];
    if (!/^(\/[^/:]+)+$/.test(mountPath) || /\/\.\.?(\/|$)/.test(mountPath))
      return [finding(at, `"${mountPath}" is not the absolute path of a folder in the container, such as /load`)];
    const outer = files.find((other) => mountPath.startsWith(`${other.mountPath}/`));
    if (outer !== undefined)
      return [finding(at, `"${mountPath}" is inside ${outer.mountPath}, which is mounted already; choose a folder beside it`)];
    const other = mountsOf(spec).find((each) => each.mountPath === mountPath);
    return other === undefined ? [] : [finding(at, `container ${other.container} mounts ${mountPath} itself; choose another folder`)];
  });

/** What containers that get the repository's files mount themselves. */
function mountsOf(spec: WrittenTrialTemplate['spec']): { container: string; mountPath: string }[] {
  const { initContainers = [], containers = [] } = (spec?.jobTemplate?.spec as any)?.template?.spec ?? {};
  const tasks = (spec?.setupTasks ?? []).filter(({ image }) => image !== undefined);
  return [initContainers, containers, tasks]
    .flatMap((each: any) => (Array.isArray(each) ? each : []))
    .flatMap(({ name, volumeMounts }: any) =>
      (Array.isArray(volumeMounts) ? volumeMounts : []).map((mount: any) => ({ container: String(name), mountPath: mount?.mountPath })),
    );
}

/** A gate without a name or labels would select nothing (R§9.3). */
export const readinessGateSelects: TemplateRule = ({ spec }) =>
  (spec?.readinessGates ?? []).flatMap(({ name, selector }, index) => {
    const path = ['spec', 'readinessGates', index];
    if (name === undefined && selector === undefined) return [finding(path, 'needs name or selector')];
    return name !== undefined && selector !== undefined ? [finding([...path, 'selector'], 'stands beside name; keep one of the two')] : [];
  });

/** Keys and values that are still templates are checked when they are rendered. */
export const readinessGateFits: TemplateRule = ({ spec }) =>
  (spec?.readinessGates ?? []).flatMap(({ apiVersion, name, selector = {} }, index) => {
    const path = ['spec', 'readinessGates', index];
    const problem = name === undefined || !isRendered(name) || !isRendered(apiVersion) ? undefined : objectNameProblem(apiVersion, name);
    const ofName = problem === undefined ? [] : [finding([...path, 'name'], `${JSON.stringify(name)} ${problem}`)];
    return [...ofName, ...(isRendered(JSON.stringify(selector)) ? selectorFindings(selector, [...path, 'selector']) : [])];
  });

/** A stage without time can only fail. What is still a template is checked when it is rendered. */
export const timeoutsArePositive: TemplateRule = ({ spec }) =>
  Object.entries(spec?.timeouts ?? {}).flatMap(([stage, timeout]) =>
    parseDuration(timeout) === 0 ? [finding(['spec', 'timeouts', stage], `${JSON.stringify(timeout)} leaves the stage no time`)] : [],
  );

export const TEMPLATE_RULES: readonly TemplateRule[] = [
  setupTaskNamesAreUnique,
  setupTaskHasOneJob,
  chartFieldsBelongToChart,
  chartHasOneSource,
  onePrometheus,
  helmValueHasOneSource,
  setupPathsStayInside,
  filePathsStayInside,
  filesHaveFoldersOfTheirOwn,
  readinessGateSelects,
  readinessGateFits,
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

/** Why a path of the repository cannot be read; undefined for one that may. */
export function setupPathProblem(path: string): string | undefined {
  if (path.includes('{{')) return `"${path}" is a template; files are read before anything is rendered, so write the path itself`;
  if (isAddress(path)) return `"${path}" is an address; only files of the repository are read`;
  return pathProblem(path);
}

function chartProblem(source: ChartSource): string | undefined {
  const { chart } = source;
  if (source.from === 'folder') {
    const problem = `"${chart}" is an address; write a folder of the repository, an oci:// reference, or a name and its helmRepository`;
    return isAddress(chart) ? problem : setupPathProblem(chart);
  }
  if (chart.includes('{{')) return `"${chart}" is a template; whoever reviews the experiment must see which chart it is, so write its name`;
  if (source.from === 'registry')
    return /^oci:\/\/[\w.-]+(:\d+)?(\/[\w.-]+)+$/.test(chart)
      ? undefined
      : `"${chart}" is not a chart in a registry, such as oci://registry.example.com/charts/postgres; the version goes into helmChartVersion`;
  if (source.from === 'repository')
    return /^\w[\w.-]*$/.test(chart) ? undefined : `"${chart}" is not the name of a chart in helmRepository; write a name such as postgres`;
  return undefined;
}

/** What a repository's address holds would be recorded and shown. */
function repositoryProblem(address: string): string | undefined {
  if (address.includes('{{'))
    return `"${address}" is a template; whoever reviews the experiment must see which host it is, so write the address`;
  if (address.startsWith('oci://'))
    return `is a registry; write the whole reference into helmChart, such as ${address.replace(/\/+$/, '')}/NAME`;
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol))
    return `"${address}" is not an http or https URL, such as https://charts.example.com`;
  return url.username + url.password === '' ? undefined : 'has a user name or password in it, which would be recorded; remove them';
}

function isRendered(text: string): boolean {
  return !text.includes('{{');
}

function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

function forEachTask(ofOne: (task: WrittenSetupTask, path: Path) => Finding[]): TemplateRule {
  return ({ spec }) => (spec?.setupTasks ?? []).flatMap((task, index) => ofOne(task, [...TASKS, index]));
}
