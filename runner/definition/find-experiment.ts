import type { YamlDocument } from './read-yaml.ts';

export type FoundExperiment = {
  document: YamlDocument;
  /** Whatever else the file holds: RBAC, ConfigMaps and the like, which nobody but the user applies. */
  companions: YamlDocument[];
};

/** The one experiment among the documents of a file, or why there is none. Documents without content do not count. */
export function findExperiment(documents: readonly YamlDocument[]): FoundExperiment | { refusal: string } {
  const filled = documents.filter(({ value }) => value !== null && value !== undefined);
  const [only] = filled.length === 0 ? documents : filled;
  if (only === undefined) return { refusal: 'holds no document; expected one experiment' };
  if (filled.length <= 1) return { document: only, companions: [] };
  const experiments = filled.filter(isExperiment);
  const [document] = experiments;
  if (document === undefined) return { refusal: `holds ${filled.length} documents and none of kind Experiment; expected one` };
  if (experiments.length > 1)
    return { refusal: `holds ${experiments.length} experiments; expected one, write the others into files of their own` };
  return { document, companions: filled.filter((each) => each !== document) };
}

function isExperiment({ value }: YamlDocument): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Experiment';
}
