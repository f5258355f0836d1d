import type { JsonObject } from '../../model/experiment.ts';
import { API_VERSION } from '../../model/names.ts';
import { convertSpec } from './convert-spec.ts';
import { asObject, isObject, omit, withoutNulls } from './json.ts';
import { emptyReport, type Report } from './report.ts';

export type Conversion = {
  /** An experiment of ours, as it would be written; not checked yet. */
  document: JsonObject;
  /** Objects that the ancestor would have created beside it, for the user to apply. */
  companions: JsonObject[];
  report: Report;
};

/** What the cluster wrote into an object. */
const WRITTEN_BY_CLUSTER = ['generation', 'resourceVersion', 'uid', 'selfLink', 'managedFields', 'finalizers', 'ownerReferences'];

const WRITTEN_ANNOTATION =
  /^((redskyops\.dev|stormforge\.io)\/(experiment-url|next-trial-url|server-sync)|kubectl\.kubernetes\.io\/last-applied-configuration)$/;

/**
 * An Experiment of `redskyops.dev/v1alpha1`, `redskyops.dev/v1beta1` or `optimize.stormforge.io/v1beta2` as one of ours: every name that
 * a field ever had is understood in all of them (R§1, R§2, R§A). What is unknown stays, for the schema to tell.
 */
export function convertExperiment(document: JsonObject): Conversion {
  const report = emptyReport();
  const { apiVersion, kind, metadata, spec, status, ...rest } = withoutNulls(document);
  if (Object.keys(asObject(status)).length > 0) {
    report.notices.push({ path: ['status'], message: 'is the state that the controller kept and is left out' });
  }
  const converted = isObject(spec) ? convertSpec(withoutNulls(spec), { apiVersion, metadata: asObject(metadata), report }) : undefined;
  return {
    document: {
      ...rest,
      apiVersion: API_VERSION,
      kind,
      ...(metadata === undefined ? {} : { metadata: isObject(metadata) ? convertMetadata(withoutNulls(metadata), report) : metadata }),
      ...(spec === undefined ? {} : { spec: converted?.spec ?? spec }),
    },
    companions: converted?.companions ?? [],
    report,
  };
}

function convertMetadata(metadata: JsonObject, report: Report): JsonObject {
  for (const field of WRITTEN_BY_CLUSTER.filter((each) => metadata[each] !== undefined)) {
    report.notices.push({ path: ['metadata', field], message: 'was written by the cluster and is left out' });
  }
  const { annotations, ...rest } = omit(metadata, ['namespace', 'creationTimestamp', ...WRITTEN_BY_CLUSTER]);
  if (!isObject(annotations)) return annotations === undefined ? rest : { ...rest, annotations };
  const dropped = Object.keys(annotations).filter((key) => WRITTEN_ANNOTATION.test(key));
  for (const key of dropped) {
    report.notices.push({ path: ['metadata', 'annotations', key], message: 'was written for the server or by kubectl and is left out' });
  }
  const kept = omit(annotations, dropped);
  return Object.keys(kept).length === 0 ? rest : { ...rest, annotations: kept };
}
