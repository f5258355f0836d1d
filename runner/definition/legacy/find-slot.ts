import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { asObject } from './json.ts';
import type { Report } from './report.ts';

const TO: Path = ['spec', 'trialTemplate', 'metadata', 'namespace'];

/**
 * The one namespace in which the ancestor ran the trials (R§6.2): that of the trial template, or, where no others were selected or created, the
 * experiment's own. undefined where the file names none.
 */
export function findSlot(spec: JsonObject, metadata: JsonObject, templatePath: Path, report: Report): string | undefined {
  const template = asObject(spec[String(templatePath.at(-1))]);
  const named = [
    { value: asObject(template.metadata).namespace, path: [...templatePath, 'metadata', 'namespace'] },
    { value: asObject(template.spec).targetNamespace, path: [...templatePath, 'spec', 'targetNamespace'] },
    { value: spec.targetNamespace, path: ['spec', 'targetNamespace'] },
  ].find(({ value }) => isName(value));
  const others = ['namespaceSelector', 'namespaceTemplate'].filter((field) => spec[field] !== undefined);
  const own = metadata.namespace;
  if (named !== undefined) {
    report.moves.push({ to: TO, from: named.path });
    for (const field of others)
      report.notices.push({ path: ['spec', field], message: `has no effect beside the one slot that ${named.path.join('.')} names` });
    return String(named.value);
  }
  if (!isName(own)) return undefined;
  if (others.length > 0) {
    report.notices.push({
      path: ['metadata', 'namespace'],
      message: `an experiment is a file and lies in no namespace; its slots are those of ${others.join(' and ')}`,
    });
    return undefined;
  }
  report.moves.push({ to: TO, from: ['metadata', 'namespace'] });
  report.notices.push({
    path: ['metadata', 'namespace'],
    message: 'an experiment is a file and lies in no namespace; its trials run in this one, as they did',
  });
  return own;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
