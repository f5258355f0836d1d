import type { Problem } from '../model/errors.ts';
import { isLegacyExperiment } from './legacy/versions.ts';
import { parseYaml, type YamlDocument } from './read-yaml.ts';

export type FoundExperiment = {
  document: YamlDocument;
  /** Whatever else the file holds: RBAC, ConfigMaps and the like, which nobody but the user applies. */
  companions: YamlDocument[];
};

type Definition = { found: FoundExperiment | { refusal: string }; problems: Problem[] };

/** The one experiment of a file and what stands beside it, or why there is none. A legacy file is read as kubectl read it, as YAML 1.1. */
export function readDefinition(source: string, file: string): Definition {
  const { documents, problems } = parseYaml(source, file);
  const found = findExperiment(documents);
  if ('refusal' in found || !isLegacyExperiment(found.document.value)) return { found, problems };
  const former = parseYaml(source, file, '1.1');
  return { found: findExperiment(former.documents), problems: former.problems };
}

/** Documents without content do not count. */
function findExperiment(documents: readonly YamlDocument[]): FoundExperiment | { refusal: string } {
  const filled = documents.filter(({ value }) => value !== null && value !== undefined);
  const [only] = filled.length === 0 ? documents : filled;
  if (only === undefined) return { refusal: 'holds no document; expected one experiment' };
  if (filled.length <= 1) return { document: only, companions: [] };
  const experiments = filled.filter(isExperiment);
  const [document] = experiments;
  if (document === undefined) return { refusal: `holds ${filled.length} documents and none of kind Experiment; expected one` };
  if (experiments.length > 1) {
    return { refusal: `holds ${experiments.length} experiments; expected one, write the others into files of their own` };
  }
  return { document, companions: filled.filter((each) => each !== document) };
}

function isExperiment({ value }: YamlDocument): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Experiment';
}
