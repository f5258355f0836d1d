import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULT_ENDPOINT } from './remote-endpoint.ts';
import { parseDuration } from '../definition/duration.ts';
import { parseQuantity } from '../model/quantity.ts';

/** Every flag has an environment twin: `--max-trials` is also FIELDTRIAL_MAX_TRIALS. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description);
  const name = option.long?.replace(/^--/, '').toUpperCase().replaceAll('-', '_');
  return option.env(`FIELDTRIAL_${name}`);
}

/**
 * Charts and shells set a variable to nothing, or to `false`, for a flag that is not given; commander takes both for given. To be called
 * on the process's own environment, where commander looks.
 */
export function dropUnset(environment: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('FIELDTRIAL_') && (value === '' || value === 'false')) delete environment[name];
  }
}

/**
 * One variable sets the same flag of several commands, whose choices differ: a word that only another command knows is not meant for this one.
 * To be called before the command reads its options, like dropUnset.
 */
export function dropForeignChoices(program: Command, command: Command, environment: Record<string, string | undefined>): void {
  for (const { envVar, argChoices } of command.options) {
    const word = envVar === undefined ? undefined : environment[envVar];
    if (envVar === undefined || word === undefined || argChoices === undefined || argChoices.includes(word)) continue;
    const others = program.commands.flatMap(({ options }) => options.filter((option) => option.envVar === envVar));
    if (others.some((option) => option.argChoices?.includes(word))) delete environment[envVar];
  }
}

/** Which cluster. */
export function connectionOptions(command: Command): Command {
  return command
    .addOption(flag('--kubeconfig <file>', 'kubeconfig to use; else what kubectl would take'))
    .addOption(flag('--context <name>', 'context of the kubeconfig; default its current one'));
}

export function clusterOptions(command: Command): Command {
  return connectionOptions(command).addOption(
    flag('-n, --namespace <name>', "namespace of the experiments' Leases, and the slot where nothing else names one"),
  );
}

export function metricAccessFlag(): Option {
  return flag('--metric-access <file>', 'YAML: hosts that metrics may ask, and the credentials these are sent');
}

export function gitOptions(command: Command): Command {
  return command
    .addOption(flag('--branch <name>', "branch of the definitions; default the repository's HEAD"))
    .addOption(flag('--git-token-file <file>', 'file with a token for HTTPS, read again at every git call'))
    .addOption(flag('--git-username <name>', 'user name that goes with the token').default(undefined, 'x-access-token'))
    .addOption(
      flag('--git-auth <scheme>', 'how the token is sent: as the password of the user name, or alone')
        .choices(['basic', 'bearer'])
        .default(undefined, 'basic'),
    )
    .addOption(flag('--git-ca-file <file>', "authorities (PEM) that vouch for the git server, in the place of the system's"))
    .addOption(flag('--git-ssh-key <file>', 'private key for SSH; needs --git-known-hosts'))
    .addOption(flag('--git-known-hosts <file>', 'host keys that are trusted'));
}

export function remoteOptions(command: Command): Command {
  return command
    .addOption(flag('--remote-url <url>', 'server of the remote Experiments API; default none'))
    .addOption(flag('--remote-endpoint <path>', 'where its experiments are').default(undefined, DEFAULT_ENDPOINT))
    .addOption(flag('--remote-token-file <file>', 'file with a bearer token of the remote API, read again at every request'))
    .addOption(flag('--remote-client-id <id>', 'OAuth2 client of the remote API, instead of a token'))
    .addOption(flag('--remote-client-secret-file <file>', "file with that client's secret"))
    .addOption(flag('--remote-issuer <url>', "where the client gets its tokens; default the server's own"))
    .addOption(flag('--remote-audience <audience>', "whom the tokens are for; default the server's URL"));
}

export function duration(text: string): number {
  const milliseconds = parseDuration(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (milliseconds === undefined) throw new InvalidArgumentError('expected a duration such as 90s, 30m or 8h.');
  return milliseconds;
}

export function count(text: string): number {
  return wholeNumber(text, 0);
}

export function countFromOne(text: string): number {
  return wholeNumber(text, 1);
}

function wholeNumber(text: string, least: number): number {
  if (!/^\d+$/.test(text) || Number(text) < least) throw new InvalidArgumentError(`expected a whole number of at least ${least}.`);
  return Number(text);
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** For flags that may be repeated. */
export function repeated(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

/** For flags that may be repeated and take comma-separated lists. */
export function collect(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), ...list(text)];
}

/** `key=value`, comma-separated. */
export function labels(text: string): Record<string, string> {
  const pairs = list(text).map((part) => /^([^=]+)=(.*)$/.exec(part));
  if (pairs.includes(null)) throw new InvalidArgumentError('expected labels such as team=shop,tier=test.');
  return Object.fromEntries(pairs.map((pair) => [pair![1], pair![2]]));
}

/** `cpu=8,memory=32Gi`, or one of the two. */
export function nodeSize(text: string): { cpu?: string; memory?: string } {
  const sizes = list(text).map((part) => part.split('='));
  if (sizes.length === 0 || sizes.some(([name = '', size = '']) => !['cpu', 'memory'].includes(name) || parseQuantity(size) === undefined))
    throw new InvalidArgumentError('expected cpu and memory as quantities, such as cpu=8,memory=32Gi.');
  return Object.fromEntries(sizes);
}
