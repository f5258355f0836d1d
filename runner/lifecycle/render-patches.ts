import type { Locate } from '../definition/locate.ts';
import { readYaml } from '../definition/read-yaml.ts';
import { InvalidInput, type Problem } from '../model/errors.ts';
import type { PatchTemplate, TargetRef } from '../model/experiment.ts';
import type { RenderedPatch, TemplateScope } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { TemplateError } from '../template/template-error.ts';

type Place = { slot: string; jobName: string };

/**
 * The patches in the order in which they are sent: ConfigMaps and Secrets first, so that a rollout sees them (R§8.1), otherwise as
 * written. A patch that renders to nothing (blank, comments, `null`, `{}`) has no body, but its target is still waited for.
 * Throws InvalidInput with every problem of every patch.
 */
export function renderPatches(templates: readonly PatchTemplate[], scope: TemplateScope, locate: Locate, place: Place): RenderedPatch[] {
  const outcomes = templates.map((template, index) => renderPatch(template, index, scope, place));
  const problems = outcomes.flatMap((outcome, index) =>
    'problem' in outcome
      ? [
          {
            ...locate(['spec', 'patches', index, 'patch']),
            path: `spec.patches[${index}].patch`,
            message: outcome.problem,
          } satisfies Problem,
        ]
      : [],
  );
  if (problems.length > 0) throw new InvalidInput(problems);
  const patches = outcomes.flatMap((outcome) => ('patch' in outcome ? [outcome.patch] : []));
  return patches.toSorted((left, right) => Number(isConfiguration(right.target)) - Number(isConfiguration(left.target)));
}

function isConfiguration({ apiVersion, kind }: TargetRef): boolean {
  return apiVersion === 'v1' && (kind === 'ConfigMap' || kind === 'Secret');
}

function renderPatch(
  template: PatchTemplate,
  index: number,
  scope: TemplateScope,
  place: Place,
): { patch: RenderedPatch } | { problem: string } {
  const body = renderBody(template.patch, scope);
  if ('problem' in body) return body;
  const target = resolveTarget(template, body.value, place.slot);
  if ('problem' in target) return target;
  if (isTrialJob(target.ref, place))
    return { problem: `patches the trial's own Job "${target.ref.name}"; write the change into the trial template's jobTemplate` };
  const shape = wrongShape(template.type, body.value);
  if (shape !== undefined) return { problem: shape };
  return {
    patch: {
      index,
      target: target.ref,
      type: template.type,
      body: isEmpty(body.value) ? undefined : body.value,
      ...(template.readinessGates && { readinessGates: template.readinessGates }),
    },
  };
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
    if (error instanceof TemplateError) {
      const { line } = error;
      return { problem: line === undefined ? error.message : `${error.message} (line ${line} of the patch)` };
    }
    throw error;
  }
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && !Array.isArray(body) && Object.keys(body).length === 0);
}

/** An explicit targetRef wins; a strategic patch may name its target itself (R§8.1). */
function resolveTarget({ type, targetRef }: PatchTemplate, body: unknown, slot: string): { ref: TargetRef } | { problem: string } {
  if (targetRef !== undefined) return { ref: targetRef };
  const { apiVersion, kind, metadata } = (body ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  if (type !== 'strategic' || typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata?.name !== 'string') {
    return { problem: 'names no target; add targetRef with apiVersion, kind and name' };
  }
  if (metadata.namespace !== undefined && metadata.namespace !== slot) {
    return {
      problem: `targets namespace ${JSON.stringify(metadata.namespace)}; a patch changes objects of its slot alone, so leave metadata.namespace out`,
    };
  }
  return { ref: { apiVersion, kind, name: metadata.name } };
}

function isTrialJob({ apiVersion, kind, name }: TargetRef, { jobName }: Place): boolean {
  return apiVersion === 'batch/v1' && kind === 'Job' && name === jobName;
}

function wrongShape(type: PatchTemplate['type'], body: unknown): string | undefined {
  if (isEmpty(body)) return undefined;
  if (type === 'json' && !Array.isArray(body))
    return 'is not a list of operations, as type json wants; use type strategic or merge for an object';
  if (type !== 'json' && (typeof body !== 'object' || Array.isArray(body)))
    return `renders to ${JSON.stringify(body)?.slice(0, 60)}; a ${type} patch is an object`;
  return undefined;
}
