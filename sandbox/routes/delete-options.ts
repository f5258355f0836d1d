import { invalid, notSupported } from '../registry/field-error.ts';
import { conform, UnfitValue } from '../schema/conform.ts';
import { badRequest } from '../status-errors.ts';
import type { Propagation } from '../store.ts';
import type { ApiRequest } from './api-request.ts';
import { booleanOption, integerOption } from './query-options.ts';
import { badOption, checkDryRun } from './write-options.ts';

export type DeleteOptions = {
  uid: string | undefined;
  resourceVersion: string | undefined;
  propagation: Propagation | undefined;
  gracePeriodSeconds: number | undefined;
  dryRun: boolean;
};

/**
 * What a DELETE says about how: its body or, when it has none, its query (k8s.io/apiserver/pkg/endpoints/handlers/delete.go). Throws
 * StatusError 400 for what cannot be parsed, 422 for what is none of the choices.
 */
export function deleteOptions({ body, query }: Pick<ApiRequest, 'body' | 'query'>): DeleteOptions {
  const { propagationPolicy, orphanDependents, gracePeriodSeconds, preconditions, dryRun } =
    body === undefined ? optionsOfQuery(query) : optionsOfBody(body);
  if (propagationPolicy !== undefined && orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    throw badOption('DeleteOptions', invalid('propagationPolicy', propagationPolicy, detail));
  }
  if (propagationPolicy !== undefined && !PROPAGATIONS.includes(propagationPolicy)) {
    throw badOption('DeleteOptions', notSupported('propagationPolicy', propagationPolicy, [...PROPAGATIONS, 'nil']));
  }
  return {
    uid: preconditions?.uid,
    resourceVersion: preconditions?.resourceVersion,
    propagation: (propagationPolicy ?? oldOrphaning(orphanDependents)) as Propagation | undefined,
    gracePeriodSeconds,
    dryRun: checkDryRun(dryRun ?? [], 'DeleteOptions'),
  };
}

const PROPAGATIONS: readonly string[] = ['Foreground', 'Background', 'Orphan'];

type GivenOptions = {
  propagationPolicy?: string | undefined;
  orphanDependents?: boolean | undefined;
  gracePeriodSeconds?: number | undefined;
  preconditions?: { uid?: string; resourceVersion?: string } | undefined;
  dryRun?: string[] | undefined;
};

function optionsOfQuery(query: URLSearchParams): GivenOptions {
  return {
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: booleanOption(query, 'orphanDependents'),
    gracePeriodSeconds: integerOption(query, 'gracePeriodSeconds'),
    dryRun: query.getAll('dryRun'),
  };
}

function optionsOfBody(body: unknown): GivenOptions {
  try {
    return conform(body, 'DeleteOptions');
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw badRequest(error.message);
  }
}

/** What `propagationPolicy` was called before. */
function oldOrphaning(orphan: boolean | undefined): Propagation | undefined {
  if (orphan === undefined) return undefined;
  return orphan ? 'Orphan' : 'Background';
}
