import { posix } from 'node:path';
import type { KubeObject, ObjectRef } from '../cluster/port.ts';
import { parseYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import { InvalidInput, formatProblem } from '../model/errors.ts';
import { isKustomization, kustomizePatches } from './kustomize-patches.ts';
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

/** Why a cluster does not take an object; undefined where it does. */
export type Refusal = (object: KubeObject) => string | undefined;

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
 * object the one nearest to the experiment counts, of those that a cluster takes. `left` are files that mean something else; so do patches
 * of kustomizations.
 */
export async function searchManifests(
  wanted: readonly ObjectRef[],
  { near, left, refusal, ...source }: Source & { near: string; left: readonly string[]; refusal: Refusal },
): Promise<FoundManifests> {
  if (wanted.length === 0) return NOTHING;
  const paths = await listAll(source.files);
  if ('refused' in paths) return { ...NOTHING, notices: [`manifests are not looked for (--manifests names them): ${paths.refused}`] };
  const charts = paths.all.filter((path) => posix.basename(path) === 'Chart.yaml').map((path) => posix.dirname(path));
  const patches = await kustomizePatches(paths.all, source.files);
  const candidates = paths.all
    .filter((path) => isManifest(path) && !left.includes(path) && !isDefinition(path) && !charts.some((chart) => isInside(path, chart)))
    .filter((path) => !patches.has(path))
    .toSorted((a, b) => distance(near, a) - distance(near, b));
  const plain = await Promise.all(candidates.map((path) => readFile(path, source.files)));
  const found = choose(wanted, plain, refusal);
  const missing = wanted.filter((ref) => !found.objects.some(({ object }) => isRef(object, ref)));
  if (missing.length === 0) return found;
  const unused = charts.filter(
    (chart) => !left.some((path) => isInside(path, chart)) && !charts.some((other) => other !== chart && isInside(chart, other)),
  );
  const inCharts = await searchCharts(missing, unused, refusal, source);
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

async function searchCharts(
  missing: readonly ObjectRef[],
  charts: readonly string[],
  refusal: Refusal,
  source: Source,
): Promise<FoundManifests> {
  if (charts.length === 0) return NOTHING;
  if (source.renderChart === undefined) return { objects: [], notices: [leftOut(charts)], problems: [] };
  const rendered = await Promise.all(charts.map((chart) => readChart(chart, source)));
  return choose(
    missing,
    rendered.map(({ objects }) => objects),
    refusal,
  );
}

function leftOut(charts: readonly string[]): string {
  return `helm is not installed, so ${charts.length === 1 ? `chart ${charts[0]} is` : `charts ${charts.join(', ')} are`} left out`;
}

/** The first file that has an object as a cluster takes it, and everything in it; other files with the same object are passed over, with a word. */
function choose(wanted: readonly ObjectRef[], files: readonly FoundObject[][], refusal: Refusal): FoundManifests {
  const taken = new Set<FoundObject[]>();
  const chosen = new Set<FoundObject>();
  const notices: string[] = [];
  for (const ref of wanted) {
    const holding = files.flatMap((objects) => {
      const holder = objects.find(({ object }) => isRef(object, ref));
      return holder === undefined ? [] : [{ objects, holder }];
    });
    const whys: string[] = [];
    const first = holding.find(({ holder: { object, file } }) => {
      const why = refusal(object);
      if (why !== undefined) whys.push(`${file}: ${ref.kind} ${ref.name} is passed over, because a cluster refuses it: ${why}`);
      return why === undefined;
    });
    notices.push(...whys);
    if (first === undefined) continue;
    taken.add(first.objects);
    chosen.add(first.holder);
    const elsewhere = [...new Set(holding.slice(whys.length + 1).map(({ holder }) => holder.file))];
    if (elsewhere.length > 0)
      notices.push(
        `${ref.kind} ${ref.name} is taken from ${first.holder.file}; it is also in ${elsewhere.join(', ')} (--manifests chooses)`,
      );
  }
  const isWanted = new Set(wanted.map(refKey));
  const objects = [...taken].flat().filter((each) => chosen.has(each) || !isWanted.has(refKey(refOf(each.object))));
  const byRef = new Map(objects.toReversed().map((each) => [refKey(refOf(each.object)), each]));
  return { objects: [...byRef.values()].toReversed(), notices, problems: [] };
}

async function readNamed(path: string, source: Source): Promise<FoundManifests> {
  try {
    const paths = await source.files.list(path);
    if (paths.length === 0) return { objects: [], notices: [], problems: [`${path}: there is no such file or folder in the repository`] };
    if (paths.includes(posix.join(path, 'Chart.yaml'))) return await readChart(path, source);
    const patches = await kustomizePatches(paths, source.files);
    const manifests = paths.filter((each) => isManifest(each) && !patches.has(each));
    const read = await Promise.all(manifests.map(async (each) => readStrictly(each, source.files)));
    const without = patches.size > 0 ? ', without its patches' : '';
    const notices = paths.some(isKustomization)
      ? [`${path} holds a kustomization, which is not built; its files are read as they are${without}`]
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
