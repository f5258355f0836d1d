import { Document, parseAllDocuments, type Document as YamlLibraryDocument } from 'yaml';
import type { Problem } from '../../model/errors.ts';
import { checkExperiment } from '../check-experiment.ts';
import { toProblems, type Locate } from '../locate.ts';
import { readDefinition } from '../read-definition.ts';
import { convertExperiment } from './convert-experiment.ts';
import { keepComments } from './keep-comments.ts';
import { originalPath } from './report.ts';
import { LEGACY_VERSIONS, isLegacyExperiment } from './versions.ts';

export type ImportedExperiment = {
  name: string;
  /** The file of ours, with the user's comments. */
  experiment: string;
  /** Everything else that the file holds or implies, as a file to be applied by the user; absent when there is nothing. */
  companions?: string;
};

export type Import = {
  /** Absent when something cannot be converted. */
  imported?: ImportedExperiment;
  notices: Problem[];
  /** Also what a converted experiment breaks of our rules. */
  problems: Problem[];
};

/** Converts the text of a legacy experiment file into a file of ours. Never throws for what it says. */
export function importExperiment(source: string, file: string): Import {
  const { found, problems } = readDefinition(source, file);
  if ('refusal' in found || problems.length > 0) {
    return {
      notices: [],
      problems: problems.length > 0 || !('refusal' in found) ? problems : [{ file, path: '', message: found.refusal }],
    };
  }
  const { document } = found;
  if (!isLegacyExperiment(document.value)) {
    return { notices: [], problems: [{ file, path: '', message: `is not an experiment of ${LEGACY_VERSIONS.join(', ')}` }] };
  }
  const { document: converted, companions, report } = convertExperiment(document.value);
  const locate: Locate = (path, textLine) => ({ file, line: document.lineOf(path, textLine) });
  const checked = checkExperiment(document.value);
  const said = { notices: toProblems(checked.notices, locate), problems: toProblems(checked.findings, locate) };
  const name = (converted.metadata as { name?: unknown } | undefined)?.name;
  if (report.findings.length > 0 || typeof name !== 'string') return said;

  const documents = parseAllDocuments(source);
  const original = documents.find((each) => each.get('kind') === 'Experiment')!;
  const written = new Document(converted, { aliasDuplicateObjects: false });
  keepComments(written, original, (path) => originalPath(report, path));
  const beside = companionsText(source, documents, original, companions);
  return { imported: { name, experiment: print(written), ...(beside === undefined ? {} : { companions: beside }) }, ...said };
}

/** The user's documents as they stand in the file, then those that the ancestor would have created. */
function companionsText(
  source: string,
  documents: readonly YamlLibraryDocument[],
  experiment: YamlLibraryDocument,
  implied: readonly unknown[],
): string | undefined {
  const kept = documents.flatMap((document, index) => {
    if (document === experiment || document.contents === null) return [];
    const text = source.slice(documents[index - 1]?.range?.[2] ?? 0, document.range?.[2]).replace(/^\s*---[ \t]*\n/, '');
    return [text.endsWith('\n') ? text : `${text}\n`];
  });
  const created = implied.map((object) => print(new Document(object)));
  const all = [...kept, ...created];
  return all.length === 0 ? undefined : all.join('---\n');
}

function print(document: YamlLibraryDocument): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
