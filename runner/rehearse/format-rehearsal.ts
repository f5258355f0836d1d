import { setupOrders } from '../lifecycle/setup-orders.ts';
import { formatNumber } from '../progress/format-number.ts';
import { diffObjects } from './diff-objects.ts';
import type { RehearsedTrial, Rehearsal } from './rehearse-experiment.ts';
import type { Rehearsals } from './rehearse.ts';
import type { Change } from './watch-trials.ts';

/** The report as Markdown, for a pull request: what is wrong first, then what would run, what came of it, and every diff. */
export function formatRehearsals({ rehearsals, problems }: Rehearsals): string {
  const count = problems.length + total(rehearsals, (each) => each.problems.length);
  const missed = formatMissed({ missed: total(rehearsals, (each) => each.missed), wanted: total(rehearsals, (each) => each.wanted) });
  const sections = [
    '# Rehearsal',
    `${numbered(rehearsals.length, 'experiment')} rehearsed on a simulated cluster, ${count === 0 ? 'nothing is wrong' : numbered(count, 'problem')}${missed}.`,
    ...(problems.length > 0 ? ['## Not rehearsed', bullets(problems)] : []),
    ...rehearsals.flatMap(formatExperiment),
  ];
  return `${sections.join('\n\n')}\n`;
}

function formatExperiment(rehearsal: Rehearsal): string[] {
  const { experiment, file, trials, notices, problems, injected } = rehearsal;
  const changes = trials.flatMap(formatChanges);
  return [
    `## ${experiment}`,
    `\`${file}\`: ${problems.length === 0 ? 'nothing is wrong' : `**${numbered(problems.length, 'problem')}**`}${formatMissed(rehearsal)}.`,
    ...(problems.length > 0 ? ['### Problems', bullets(problems)] : []),
    '### What would run',
    whatRuns(rehearsal),
    '### Trials',
    trials.length === 0 ? 'None was begun.' : trialTable(trials),
    ...(changes.length > 0 ? ['### What the patches change', ...changes] : []),
    ...(notices.length > 0 ? ['### Made up or left out', bullets(notices)] : []),
    ...(injected.length > 0 ? ['### What went wrong on purpose', bullets(injected)] : []),
  ];
}

function formatMissed({ wanted, missed }: Pick<Rehearsal, 'wanted' | 'missed'>): string {
  return missed === 0 ? '' : `, but ${missed} of ${numbered(wanted, 'trial')} could not be rehearsed`;
}

function total(rehearsals: readonly Rehearsal[], count: (rehearsal: Rehearsal) => number): number {
  return rehearsals.reduce((sum, each) => sum + count(each), 0);
}

function whatRuns({ rendered, touches }: Rehearsal): string {
  const { patches, readinessGates, job, metrics, setup } = rendered;
  const orders = setupOrders(rendered).map(
    (order) =>
      `${order.task} (${order.type === 'helm' ? `chart as release ${order.release}` : numbered(order.objects.length, 'manifest')})`,
  );
  const containers: string[] = ((setup?.create as any)?.spec.template.spec.containers ?? []).map(({ name }: { name: string }) => name);
  const others = containers.filter((name) => !setupOrders(rendered).some(({ task }) => task === name));
  const waitedFor = patches.flatMap(({ target: { apiVersion, kind, name } }) => (apiVersion === 'v1' ? [] : [`${kind} ${name}`]));
  const rows: [string, string[]][] = [
    ['setup-create', [...orders, ...others]],
    ['patch', patches.map(({ target, type, body }) => `${target.kind} ${target.name} (${body === undefined ? 'empty' : type})`)],
    ['stabilize', [...new Set([...waitedFor, ...readinessGates.map(({ kind, name }) => `${kind} ${name ?? 'by labels'}`)])]],
    ['run', ((job as any).spec.template.spec.containers as any[]).map(({ name, image }) => `${name} (${image})`)],
    ['collect', metrics.map(({ name, type }) => `${name} (${type})`)],
    ['service accounts', touches.serviceAccounts],
    ['secrets', touches.secrets],
    ['images', touches.images],
    ['host paths', touches.hostPaths],
    ['hosts', touches.hosts],
    ['namespaces it makes if they are missing', touches.namespaces],
  ];
  return table(
    ['', ''],
    rows.filter(([, what]) => what.length > 0).map(([stage, what]) => [stage, what.join(', ')]),
  );
}

function trialTable(trials: readonly RehearsedTrial[]): string {
  const rows = trials.map(({ record: { metadata, spec, status } }) => [
    metadata.name,
    spec.source.type,
    spec.assignments.map(({ name, value }) => `${name}=${value}`).join(' '),
    status.failure === undefined ? status.phase : `${status.phase} at ${status.failure.stage}: ${status.failure.reason}`,
    status.values.map(({ name, value }) => `${name}=${formatNumber(value)}`).join(' '),
  ]);
  const messages = trials.flatMap(({ record: { metadata, status } }) =>
    status.failure === undefined ? [] : [`${metadata.name}: ${status.failure.message}`],
  );
  return [table(['trial', 'source', 'assignments', 'outcome', 'values'], rows), ...(messages.length > 0 ? [bullets(messages)] : [])].join(
    '\n\n',
  );
}

function formatChanges({ record, changes }: RehearsedTrial): string[] {
  return changes.map((change) => `${record.metadata.name}: ${change.ref.kind} ${change.ref.name}${formatChange(change)}`);
}

function formatChange({ ref, before, after }: Change): string {
  // What a Secret holds is never shown.
  if (ref.kind === 'Secret') return ' is patched; what a Secret holds is not shown.';
  const diff = diffObjects(before, after);
  return diff === undefined ? ' stays as it is.' : `\n\n\`\`\`diff\n${diff}\n\`\`\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line.replaceAll('\n', '\n  ')}`).join('\n');
}

function numbered(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
