import type { AccessRule } from './cluster/access.ts';
import { formatRole } from './cluster/format-role.ts';
import { readOwnSubject } from './cluster/own-subject.ts';
import type { Cluster } from './cluster/port.ts';

/** Rules that are missing: `namespace` is where a Role would be put, `where` how people call the place. */
export type Lacking = { where: string; namespace: string; missing: AccessRule[]; grantsNothing: boolean };

/** Says where permissions are missing, in one line, followed by the Roles that grant them, for whom the cluster takes us. */
export async function explainMissing(lacking: readonly Lacking[], cluster: Pick<Cluster, 'create'>, signal: AbortSignal): Promise<string> {
  const subject = await readOwnSubject(cluster, signal);
  // Our own namespace may be a slot too; two Roles of one name would overwrite each other.
  const byNamespace = Map.groupBy(lacking, (each) => each.namespace);
  const roles = [...byNamespace].map(([namespace, each]) => {
    const role = formatRole(
      namespace,
      each.flatMap(({ missing }) => missing),
      subject,
    );
    // Nobody tells those who may not look into a namespace whether it exists.
    const doubt = `# ${namespace} grants nothing at all: if it does not exist, create it or take it off the list of slots\n`;
    return each.some(({ grantsNothing }) => grantsNothing) ? doubt + role : role;
  });
  const where = [...new Set(lacking.map((each) => each.where))].join(', ');
  return `permissions are missing in ${where}; apply these Roles with kubectl and run again:\n${roles.join('---\n')}`;
}
