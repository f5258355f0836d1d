import type { JsonObject } from '../../model/experiment.ts';
import type { Path } from '../locate.ts';
import { asObject, isObject, withoutNulls } from './json.ts';
import type { Report } from './report.ts';

const PATH: Path = ['spec', 'namespaceTemplate'];

/**
 * The template without what no namespace has here. The ancestor made a namespace whenever none was free, with a name of chance or, once, with
 * the one that was written (R§6.2); ours have numbers, so that they are found again.
 */
export function convertNamespaceTemplate(written: unknown, report: Report): unknown {
  if (!isObject(written)) return written;
  const { metadata, spec, ...rest } = withoutNulls(written);
  const { name, generateName, labels, annotations } = withoutNulls(asObject(metadata));
  if (Object.keys(asObject(spec)).length > 0)
    report.notices.push({ path: [...PATH, 'spec'], message: 'holds nothing that a namespace is made with here and is left out' });
  const prefix =
    typeof name === 'string' ? `${name}-` : typeof generateName === 'string' ? generateName : 'the name of the experiment and ';
  report.notices.push({
    path: PATH,
    message: `makes at most as many namespaces as replicas, called ${prefix}1 and so on; the next run uses them again, and nothing deletes them`,
  });
  const kept: JsonObject = withoutNulls({
    ...(name === undefined ? { generateName } : { name }),
    labels,
    annotations,
  });
  return { ...rest, ...(Object.keys(kept).length > 0 && { metadata: kept }) };
}
