import type { JsonObject } from '../model/experiment.ts';
import { API_VERSION } from '../model/names.ts';
import { checkSchema } from './check-schema.ts';
import { convertExperiment } from './legacy/convert-experiment.ts';
import { originalPath } from './legacy/report.ts';
import { isLegacyExperiment } from './legacy/versions.ts';
import type { Finding, Path } from './locate.ts';
import { checkRules } from './rules.ts';
import { salvage } from './salvage.ts';
import { experimentSchema, type WrittenExperiment } from './schema.ts';

export type CheckedExperiment = {
  findings: Finding[];
  /** Of a legacy file: where its meaning changes. */
  notices: Finding[];
  /** Of a legacy file: objects that its system would have created beside the experiment. */
  companions: JsonObject[];
  /** With findings, what could be salvaged; absent when too little could. */
  experiment?: WrittenExperiment;
  /** Of all parameters that were written, salvaged or not; absent where one has none. */
  parameterNames?: string[];
  /** Where a field of `experiment` stands in the document: refused items of lists are missing from it, those of a legacy file were moved. */
  originalPath(path: Path): Path;
};

/**
 * Holds a document against schema and rules, once it is converted where it is one of the ancestor's. A document of another kind is told
 * apart and not picked to pieces. Paths of what is found are the document's own.
 */
export function checkExperiment(document: unknown): CheckedExperiment {
  if (!isLegacyExperiment(document)) return { ...checkOwn(document), notices: [], companions: [] };
  const { document: converted, companions, report } = convertExperiment(document);
  const checked = checkOwn(converted);
  const written = (path: Path) => originalPath(report, path);
  return {
    ...checked,
    findings: [...report.findings, ...checked.findings.map(({ path, message }) => ({ path: written(path), message }))],
    notices: report.notices,
    companions,
    originalPath: (path) => written(checked.originalPath(path)),
  };
}

function checkOwn(document: unknown): Omit<CheckedExperiment, 'notices' | 'companions'> {
  const stranger = wrongKind(document);
  if (stranger.length > 0) return { findings: stranger, originalPath: samePath };
  const checked = checkSchema(experimentSchema, document);
  const parameterNames = writtenParameterNames(document);
  if (checked.ok) {
    return {
      experiment: checked.value,
      parameterNames,
      findings: checkRules({ experiment: checked.value, parameterNames }),
      originalPath: samePath,
    };
  }
  const rest = salvage(document, checked.findings);
  if (rest === undefined) return { findings: checked.findings, originalPath: samePath };
  const broken = checkRules({ experiment: rest.experiment, parameterNames });
  const findings = [...checked.findings, ...broken.map(({ path, message }) => ({ path: rest.originalPath(path), message }))];
  const areNamed = parameterNames.length === (document as any).spec.parameters.length;
  return { ...rest, ...(areNamed && { parameterNames }), findings };
}

function samePath(path: Path): Path {
  return path;
}

function wrongKind(document: unknown): Finding[] {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return [
      {
        path: [],
        message: `is not an experiment; expected a mapping with apiVersion: ${API_VERSION} and kind: Experiment`,
      },
    ];
  }
  const { apiVersion, kind } = document as { apiVersion?: unknown; kind?: unknown };
  const expected = Object.entries({ apiVersion: API_VERSION, kind: 'Experiment' });
  const got: Record<string, unknown> = { apiVersion, kind };
  return expected.flatMap(([field, value]) =>
    got[field] === value
      ? []
      : [
          {
            path: [field],
            message: `expected ${value}, got ${got[field] === undefined ? 'nothing' : JSON.stringify(got[field])}`,
          },
        ],
  );
}

/** Also of parameters that are otherwise invalid, so that what refers to them is not called unknown. */
function writtenParameterNames(document: any): string[] {
  const parameters: unknown[] = Array.isArray(document?.spec?.parameters) ? document.spec.parameters : [];
  return parameters.map((parameter: any) => parameter?.name).filter((name) => typeof name === 'string');
}
