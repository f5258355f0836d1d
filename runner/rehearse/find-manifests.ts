import { posix } from 'node:path';
import type { KubeObject, ObjectRef } from '../cluster/port.ts';
import { parseYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { InvalidInput, formatProblem } from '../model/errors.ts';
import { objectsOf, type FoundObject } from './objects-of.ts';
import type { RenderChart } from './render-chart.ts';
import { refKey, refOf } from './wanted-objects.ts';

export type FoundManifests = {
  /** In the order of the files. */
  objects: FoundObject[];
  notices: string[];
  problems: string[];
};

type Source = {
  files: RepositoryFiles;
  /** undefined where there is no helm. */
  renderChart: RenderChart | undefined;
  signal: AbortSignal;
};

/** Every object of the folders, files and charts that somebody names. */
export async function readManifests(paths: readonly string[], source: Source): Promise<FoundManifests> {
  const read = await Promise.all(paths.map((path) => readNamed(path, source)));
  return {
    objects: read.flatMap((each) => each.objects),
    notices: read.flatMap((each) => each.notices),
    problems: read.flatMap((each) => each.problems),
  };
}

/**
 * The files of the repository that hold what is wanted, with all that stands beside it in the same file. Where several hold the same
 * object the one nearest to the experiment counts. `left` are files that mean something else.
 */
export async function searchManifests(
  wanted: readonly ObjectRef[],
  { near, left, ...source }: Source & { near: string; left: readonly string[] },
): Promise<FoundManifests> {
  if (wanted.length === 0) return NOTHING;
  const paths = await listAll(source.files);
  if ('refused' in paths) return { ...NOTHING, notices: [`manifests are not looked for (--manifests names them): ${paths.refused}`] };
  const charts = paths.all.filter((path) => posix.basename(path) === 'Chart.yaml').map((path) => posix.dirname(path));
  const candidates = paths.all
    .filter((path) => isManifest(path) && !left.includes(path) && !isDefinition(path) && !charts.some((chart) => isInside(path, chart)))
    .toSorted((a, b) => distance(near, a) - distance(near, b));
  const plain = await Promise.all(candidates.map((path) => readFile(path, source.files)));
  const found = choose(wanted, plain);
  const missing = wanted.filter((ref) => !found.objects.some(({ object }) => isRef(object, ref)));
  if (missing.length === 0) return found;
  const unused = charts.filter(
    (chart) => !left.some((path) => isInside(path, chart)) && !charts.some((other) => other !== chart && isInside(chart, other)),
  );
  const inCharts = await searchCharts(missing, unused, source);
  return { objects: [...found.objects, ...inCharts.objects], notices: [...found.notices, ...inCharts.notices], problems: [] };
}

const NOTHING: FoundManifests = { objects: [], notices: [], problems: [] };

/** A link that leads out of the repository, somewhere in it, is no reason not to rehearse. */
async function listAll(files: RepositoryFiles): Promise<{ all: string[] } | { refused: string }> {
  try {
    return { all: await files.list('') };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { refused: error.message };
  }
}

async function searchCharts(missing: readonly ObjectRef[], charts: readonly string[], source: Source): Promise<FoundManifests> {
  if (charts.length === 0) return NOTHING;
  if (source.renderChart === undefined) return { objects: [], notices: [leftOut(charts)], problems: [] };
  const rendered = await Promise.all(charts.map((chart) => readChart(chart, source)));
  return choose(
    missing,
    rendered.map(({ objects }) => objects),
  );
}

function leftOut(charts: readonly string[]): string {
  return `helm is not installed, so ${charts.length === 1 ? `chart ${charts[0]} is` : `charts ${charts.join(', ')} are`} left out`;
}

/** The first file that has an object, and everything in it; what others say of the same object is passed over, with a word. */
function choose(wanted: readonly ObjectRef[], files: readonly FoundObject[][]): FoundManifests {
  const taken = new Set<FoundObject[]>();
  const notices: string[] = [];
  for (const ref of wanted) {
    const holding = files.filter((objects) => objects.some(({ object }) => isRef(object, ref)));
    const [first, ...others] = holding;
    if (first === undefined) continue;
    taken.add(first);
    const elsewhere = [...new Set(others.flatMap(([each]) => (each === undefined ? [] : [each.file])))];
    if (elsewhere.length > 0)
      notices.push(`${ref.kind} ${ref.name} is taken from ${first[0]!.file}; it is also in ${elsewhere.join(', ')} (--manifests chooses)`);
  }
  const objects = [
    ...new Map(
      [...taken]
        .flat()
        .toReversed()
        .map((each) => [refKey(refOf(each.object)), each]),
    ).values(),
  ];
  return { objects: objects.toReversed(), notices, problems: [] };
}

async function readNamed(path: string, source: Source): Promise<FoundManifests> {
  try {
    const paths = await source.files.list(path);
    if (paths.length === 0) return { objects: [], notices: [], problems: [`${path}: there is no such file or folder in the repository`] };
    if (paths.includes(posix.join(path, 'Chart.yaml'))) return await readChart(path, source);
    const read = await Promise.all(paths.filter(isManifest).map(async (each) => readStrictly(each, source.files)));
    const notices = paths.some((each) => /^kustomization\.ya?ml$/.test(posix.basename(each)))
      ? [`${path} holds a kustomization, which is not built; its files are read as they are`]
      : [];
    return { objects: read.flatMap((each) => each.objects), notices, problems: read.flatMap((each) => each.problems) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { objects: [], notices: [], problems: error.problems.map(formatProblem) };
  }
}

async function readChart(chart: string, { files, renderChart, signal }: Source): Promise<FoundManifests> {
  if (renderChart === undefined) return { objects: [], notices: [leftOut([chart])], problems: [] };
  const outcome = await renderChart({ folder: chart, release: posix.basename(chart), files }, signal);
  return 'refused' in outcome
    ? { objects: [], notices: [`chart ${chart} is left out, helm cannot render it by itself: ${outcome.refused}`], problems: [] }
    : { objects: outcome.objects.map((object) => ({ object, file: chart })), notices: [], problems: [] };
}

async function readStrictly(path: string, files: RepositoryFiles): Promise<{ objects: FoundObject[]; problems: string[] }> {
  const { documents, problems } = parseYaml((await files.read(path)).toString('utf8'), path);
  return {
    objects: objectsOf(
      documents.map(({ value }) => value),
      path,
    ),
    problems: problems.map(formatProblem),
  };
}

/** Bytes; etcd takes no object that is larger. */
const LARGEST_FILE = 1_500_000;

/** A repository holds YAML of all sorts: what is no list of Kubernetes objects is not meant. */
async function readFile(path: string, files: RepositoryFiles): Promise<FoundObject[]> {
  const content = await files.read(path);
  if (content.length > LARGEST_FILE) return [];
  const text = content.toString('utf8');
  return /^\s*"?kind"?\s*:/m.test(text)
    ? objectsOf(
        parseYaml(text, path).documents.map(({ value }) => value),
        path,
      )
    : [];
}

function isRef(object: KubeObject, ref: ObjectRef): boolean {
  return refKey(refOf(object)) === refKey(ref);
}

function isManifest(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path) && !/(^|\/)(package(-lock)?|tsconfig)\.json$/.test(path);
}

function isDefinition(path: string): boolean {
  return path === 'fieldtrial.yaml' || path.startsWith('templates/') || /^experiments\/[^/]+\/(experiment\.yaml|suggestions\/)/.test(path);
}

function isInside(path: string, folder: string): boolean {
  return folder === '.' || path.startsWith(`${folder}/`);
}

/** Steps from one folder to a file, by way of the folder that they share. */
function distance(folder: string, path: string): number {
  const [from, to] = [folder.split('/'), path.split('/')];
  const shared = from.findIndex((step, index) => step !== to[index]);
  const common = shared === -1 ? from.length : shared;
  return from.length - common + (to.length - common);
}
