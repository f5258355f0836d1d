import { toProblems, type Locate } from '../definition/locate.ts';
import { readYaml } from '../definition/read-yaml.ts';
import { InvalidInput } from '../model/errors.ts';
import type { JsonObject, PatchTemplate, Restore, TargetRef } from '../model/experiment.ts';
import { isConfiguration } from '../model/is-configuration.ts';
import { objectNameProblem } from '../model/object-name.ts';
import type { JobPatch, RenderedPatch, TemplateScope } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { TemplateError } from '../template/template-error.ts';
import { jsonPatchProblems } from './json-patch-problems.ts';
import { patchTemplateProblem } from './patch-template-problem.ts';

/** `jobNames`: those by which a patch may mean the trial's own Job. */
type Place = { slot: string; jobNames: readonly string[]; restore: Restore };

export type RenderedPatches = { patches: RenderedPatch[]; jobPatches: JobPatch[] };

/**
 * The patches in the order in which they are sent: ConfigMaps and Secrets first, so that a rollout sees them (R§8.1), otherwise as
 * written; those of the trial's own Job apart. A patch that renders to nothing (blank, comments, `null`, `{}`) has no body, but its
 * target is still waited for. Throws InvalidInput with every problem of every patch.
 */
export function renderPatches(templates: readonly PatchTemplate[], scope: TemplateScope, locate: Locate, place: Place): RenderedPatches {
  const outcomes = templates.map((template, index) => renderPatch(template, index, scope, place));
  const findings = outcomes.flatMap((outcome, index) =>
    'problems' in outcome ? outcome.problems.map((message) => ({ path: ['spec', 'patches', index, 'patch'], message })) : [],
  );
  if (findings.length > 0) throw new InvalidInput(toProblems(findings, locate));
  const patches = outcomes.flatMap((outcome) => ('patch' in outcome ? [outcome.patch] : []));
  return {
    patches: patches.toSorted((left, right) => Number(isConfiguration(right.target)) - Number(isConfiguration(left.target))),
    jobPatches: outcomes.flatMap((outcome) => ('jobPatch' in outcome ? [outcome.jobPatch] : [])),
  };
}

function isSecret({ apiVersion, kind }: TargetRef): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

function renderPatch(
  template: PatchTemplate,
  index: number,
  scope: TemplateScope,
  place: Place,
): { patch: RenderedPatch } | { jobPatch: JobPatch } | { problems: string[] } {
  const rendered = renderBody(template.patch, scope);
  if ('problem' in rendered) return { problems: [rendered.problem] };
  const { value } = rendered;
  const shape = wrongShape(template.type, value);
  const target = resolveTarget(template, value, place);
  if ('problem' in target) return { problems: [target.problem] };
  if (shape.length > 0) return { problems: shape };
  const body = isEmpty(value) ? undefined : value;
  if ('ownJob' in target) return jobPatch(template, index, body, place);
  if (place.restore !== 'never' && isSecret(target.ref))
    return {
      problems: [`patches a Secret, whose content the runner keeps nowhere, so that restore: ${place.restore} could not put it back`],
    };
  return {
    patch: {
      index,
      target: target.ref,
      type: template.type,
      body,
      ...(template.readinessGates && { readinessGates: template.readinessGates }),
    },
  };
}

/** Names that only say which Job is meant are no part of the change. */
function jobPatch(
  { type, readinessGates = [] }: PatchTemplate,
  index: number,
  body: unknown,
  { slot, jobNames }: Place,
): { jobPatch: JobPatch } | { problems: string[] } {
  if (type !== 'strategic') return { problems: [`patches the trial's own Job, which takes type strategic alone, not ${type}`] };
  if (readinessGates.length > 0) return { problems: ["patches the trial's own Job, which nothing waits for; remove readinessGates"] };
  if (body === undefined) return { jobPatch: { index, body } };
  const { metadata, ...rest } = body as { metadata?: JsonObject };
  const { name, namespace, ...others } = metadata ?? {};
  const kept = {
    ...(name !== undefined && !jobNames.includes(name as string) && { name }),
    ...(namespace !== undefined && namespace !== slot && { namespace }),
    ...others,
  };
  return { jobPatch: { index, body: Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept } } };
}

function renderBody(source: string, scope: TemplateScope): { value: unknown } | { problem: string } {
  try {
    const [document] = readYaml(renderText(source, scope), 'patch');
    return { value: document?.value };
  } catch (error) {
    if (error instanceof InvalidInput) {
      const [first] = error.problems;
      return {
        problem: `renders to text that is not YAML: ${first?.message}${first?.line === undefined ? '' : ` (line ${first.line} of the rendered patch)`}`,
      };
    }
    if (error instanceof TemplateError) return { problem: patchTemplateProblem(error) };
    throw error;
  }
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0);
}

/** An explicit targetRef wins; a strategic patch may name its target itself; a Job without a name is the trial's own (R§8.1, R§8.2). */
function resolveTarget(
  { type, targetRef }: PatchTemplate,
  body: unknown,
  place: Place,
): { ref: TargetRef } | { ownJob: true } | { problem: string } {
  const { apiVersion, kind, metadata } = (body ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  const inBody: Named = type === 'strategic' ? { apiVersion, kind, name: metadata?.name } : {};
  const named: Named = targetRef ?? inBody;
  if (isTrialJob(named, place)) return { ownJob: true };
  if (typeof named.apiVersion !== 'string' || typeof named.kind !== 'string' || typeof named.name !== 'string')
    return { problem: 'names no target; add targetRef with apiVersion, kind and name' };
  if (targetRef === undefined && metadata?.namespace !== undefined && metadata.namespace !== place.slot) {
    return {
      problem: `targets namespace ${JSON.stringify(metadata.namespace)}; a patch changes objects of its slot alone, so leave metadata.namespace out`,
    };
  }
  const unfit = targetRef === undefined ? objectNameProblem(named.apiVersion, named.name) : undefined;
  if (unfit !== undefined) return { problem: `metadata.name: ${JSON.stringify(named.name)} ${unfit}` };
  return { ref: { apiVersion: named.apiVersion, kind: named.kind, name: named.name } };
}

type Named = { apiVersion?: unknown; kind?: unknown; name?: unknown };

function isTrialJob({ apiVersion, kind, name }: Named, { jobNames }: Place): boolean {
  return apiVersion === 'batch/v1' && kind === 'Job' && (name === undefined || jobNames.includes(name as string));
}

function wrongShape(type: PatchTemplate['type'], body: unknown): string[] {
  if (isEmpty(body)) return [];
  if (type === 'json')
    return Array.isArray(body)
      ? jsonPatchProblems(body)
      : ['is not a list of operations, as type json wants; use type strategic or merge for an object'];
  return typeof body === 'object' && !Array.isArray(body)
    ? []
    : [`renders to ${JSON.stringify(body)?.slice(0, 60)}; a ${type} patch is an object`];
}
