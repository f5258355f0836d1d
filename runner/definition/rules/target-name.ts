import { objectNameProblem } from '../../model/object-name.ts';
import type { Finding, Path } from '../locate.ts';
import { finding } from './rule.ts';

type Target = { apiVersion?: string | undefined; kind?: string | undefined; name?: string | undefined };

/** Targets are not rendered: permissions and preflight know them before there is a trial. `instead` ends what is said of a template. */
export function targetNameFindings(target: Target, path: Path, instead = 'write the name itself'): Finding[] {
  const { apiVersion = 'v1', kind, name } = target;
  const templates = Object.entries({ apiVersion, kind, name }).flatMap(([field, text]) =>
    text?.includes('{{') ? [finding([...path, field], `"${text}" is a template, and a target is not rendered; ${instead}`)] : [],
  );
  const problem = name === undefined ? undefined : objectNameProblem(apiVersion, name);
  return templates.length > 0 || problem === undefined ? templates : [finding([...path, 'name'], `${JSON.stringify(name)} ${problem}`)];
}
