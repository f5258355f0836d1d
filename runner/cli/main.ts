import { Command, CommanderError } from 'commander';
import { redactor } from '../progress/redact.ts';
import { withoutOwnSecrets } from '../without-own-secrets.ts';
import type { CommandContext } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { openOutput } from './output.ts';
import {
  clusterOptions,
  collect,
  connectionOptions,
  count,
  countFromOne,
  dropForeignChoices,
  dropUnset,
  duration,
  flag,
  gitOptions,
  labels,
  metricAccessFlag,
  nodeSize,
  remoteOptions,
  repeated,
} from './options.ts';
import { Interrupted, reportError } from './report-error.ts';
import { readVersion } from './version.ts';

const output = openOutput(process, redactor);
const ending = new AbortController();
dropUnset(process.env);
const environment = { ...process.env };
const input = {
  // Opened by those who read it alone.
  get stream() {
    return process.stdin;
  },
  get isTerminal() {
    return process.stdin.isTTY;
  },
};
const context: CommandContext = { output, input, environment, cwd: process.cwd(), signal: ending.signal };

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // A second signal does not wait for the farewell.
    if (ending.signal.aborted) process.exit(new Interrupted(name).exitCode);
    ending.abort(new Interrupted(name));
  });
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read it has gone, as `head` does; the work is no worse for it.
    if (error.code !== 'EPIPE') throw error;
  });
}

const program = new Command('fieldtrial')
  .description('Finds better settings for the software a team runs on Kubernetes, from a merged pull request')
  .version(await readVersion(), '--version')
  .showSuggestionAfterError()
  .helpCommand(true)
  // Else `slots` would take the options of its subcommand `clean` for its own.
  .enablePositionalOptions()
  .exitOverride()
  .hook('preSubcommand', (parent, command) => dropForeignChoices(parent, command, process.env))
  .hook('preAction', () => {
    // Programs that libraries start, such as a kubeconfig's credential plugin, inherit what is left here.
    const kept = withoutOwnSecrets(environment);
    for (const name of Object.keys(process.env)) if (!(name in kept)) delete process.env[name];
  });

const run = program
  .command('run')
  .description('Run the trials of a repository on a cluster and commit their results')
  .argument('[repository]', "URL or path of the git repository; default the current folder's (env: FIELDTRIAL_REPOSITORY)")
  .addOption(
    flag('-e, --experiment <name>', 'run this experiment; may be repeated or a comma-separated list; default all').argParser(collect),
  )
  .addOption(flag('--slots <namespaces>', 'namespaces that may be slots, comma-separated; the list is also the ceiling').argParser(collect))
  .addOption(
    flag('--slot-labels <labels>', "labels of namespaces that the run makes, such as a=b,c=d; they win over experiments'").argParser(
      labels,
    ),
  )
  .addOption(flag('--slot-role <name>', 'ClusterRole that is bound to the runner in namespaces that it makes; default none'))
  .addOption(flag('--setup-role <name>', "ClusterRole that is bound there to setup tasks' service accounts; default none"))
  .addOption(flag('--max-trials <number>', 'begin at most this many trials').argParser(count))
  .addOption(flag('--max-duration <duration>', 'begin no trial that is not expected to end in this time').argParser(duration))
  .addOption(flag('--dry-run', 'stop after the preflight; nothing is changed'))
  .addOption(flag('--if-held <what>', 'when another run holds an experiment').choices(['skip', 'fail']).default('skip'))
  .addOption(
    flag('--image <image>', "the runner's image, for setup tasks and sleeps that name none").default(undefined, 'fieldtrial:VERSION'),
  )
  .addOption(flag('--lease-duration <duration>', 'silence after which a dead run is taken over').argParser(duration).default(60_000, '60s'))
  .addOption(flag('--unschedulable-grace <duration>', 'how long pods may stay unschedulable').argParser(duration).default(60_000, '60s'))
  .addOption(metricAccessFlag())
  .addOption(flag('--git-signing-key <file>', 'private SSH key, without a passphrase, that signs the commits of results'))
  .addOption(flag('--push-interval <duration>', 'time between two pushes').argParser(duration).default(5_000, '5s'))
  .addOption(flag('--termination-log <file>', "where how the run ended is left, such as a container's /dev/termination-log"))
  .addOption(
    flag('-o, --output <format>', 'progress as a board on a terminal and lines elsewhere, as lines, or as JSON lines')
      .choices(['board', 'plain', 'json'])
      .default('board'),
  );
remoteOptions(clusterOptions(gitOptions(run)))
  .addOption(
    flag('--remote-wait <duration>', 'how long the remote API may have no trial before its experiment ends its part of the run')
      .argParser(duration)
      .default(600_000, '10m'),
  )
  .action(async (repository, options) => {
    const { runCommand } = await import('./run-command.ts');
    process.exitCode = await runCommand(repository ?? environment['FIELDTRIAL_REPOSITORY'], options, context);
  });

program
  .command('validate')
  .description('Check experiments, templates and suggestions; needs no cluster')
  .argument('[path...]', 'files or folders; default the whole repository')
  .addOption(flag('-o, --output <format>', 'how problems are printed').choices(['text', 'json']).default('text'))
  .action(async (paths, options) => {
    const { validateCommand } = await import('./validate-command.ts');
    process.exitCode = await validateCommand(paths, options, context);
  });

gitOptions(
  program
    .command('plan')
    .description('Show what would run next: the first trial rendered, and what each experiment touches')
    .argument('[experiment...]', 'names; default all')
    .addOption(flag('--repository <repository>', "URL or path of the git repository; default the current folder's"))
    .addOption(flag('--image <image>', "the runner's image").default(undefined, 'fieldtrial:VERSION'))
    .addOption(metricAccessFlag())
    .addOption(flag('--base <ref>', 'show what changes since this branch, tag or commit, as Markdown for a pull request'))
    .addOption(flag('-o, --output <format>', 'yaml has comments for people; with --base markdown').choices(['yaml', 'json', 'markdown'])),
).action(async (names, options) => {
  const { planCommand } = await import('./plan-command.ts');
  process.exitCode = await planCommand(names, options, context);
});

program
  .command('rehearse')
  .description('Run whole trials on a simulated cluster, without a cluster or a network, and report as Markdown what would happen')
  .argument('[experiment...]', 'names; default all')
  .addOption(
    flag('--manifests <path>', 'files, folders or charts with what patches are aimed at; default looked for in the repository').argParser(
      collect,
    ),
  )
  .addOption(
    flag('--trials <number>', 'trials of each experiment: the baseline first, then suggestions').argParser(countFromOne).default(2),
  )
  .addOption(flag('--node <size>', 'what the simulated node offers a pod, such as cpu=8,memory=32Gi').argParser(nodeSize))
  .addOption(flag('--chaos [seed]', 'let things go wrong that do in clusters; the same seed orders the same').argParser(count))
  .addOption(flag('--image <image>', "the runner's image").default(undefined, 'fieldtrial:VERSION'))
  .addOption(flag('-o, --output <format>', 'format of the report').choices(['markdown', 'json']).default('markdown'))
  .action(async (names, options) => {
    const { rehearseCommand } = await import('./rehearse-command.ts');
    process.exitCode = await rehearseCommand(names, options, context);
  });

remoteOptions(
  program
    .command('suggest')
    .description('Suggest assignments to try next: as a file of the experiment, or to the remote API')
    .argument('<experiment>', 'name of the experiment')
    .addOption(flag('-A, --assign <name=value>', 'value of a parameter; may be repeated').argParser(repeated))
    .addOption(
      flag('--default <value>', 'for parameters that are not assigned')
        .choices(['none', 'min', 'max', 'random', 'baseline'])
        .default('none'),
    )
    .addOption(flag('--interactive', 'ask at the terminal for what is not assigned'))
    .addOption(flag('--force', 'with --interactive: also when the answers come through a pipe'))
    .addOption(flag('--label <key=value>', 'label of the suggestion; may be repeated').argParser(repeated))
    .addOption(flag('--name <name>', 'name of the file; default derived from the assignments'))
    .addOption(flag('--remote', "send it to the remote API; default where that is the experiment's source")),
).action(async (experiment, options) => {
  const { suggestCommand } = await import('./suggest-command.ts');
  process.exitCode = await suggestCommand(experiment, options, context);
});

program
  .command('import')
  .description('Convert experiment files of Red Sky Ops and StormForge Optimize')
  .argument('<file...>', 'files of redskyops.dev/v1alpha1, redskyops.dev/v1beta1 or optimize.stormforge.io/v1beta2')
  .addOption(flag('-o, --out <path>', 'write into this file, or into <name>/ of this folder; default stdout'))
  .addOption(flag('--write', "write into experiments/<name>/ of the current folder's repository"))
  .addOption(flag('--force', 'write over files that are there'))
  .action(async (files, options) => {
    const { importCommand } = await import('./import-command.ts');
    process.exitCode = await importCommand(files, options, context);
  });

gitOptions(
  program
    .command('status')
    .description('Show where experiments stand, or the trials of one')
    .argument('[experiment]', 'name; default all experiments')
    .addOption(flag('--repository <repository>', "URL or path of the git repository; default the current folder's"))
    .addOption(flag('-o, --output <format>', 'format').choices(['table', 'json', 'yaml']).default('table')),
).action(async (name, options) => {
  const { statusCommand } = await import('./status-command.ts');
  process.exitCode = await statusCommand(name, options, context);
});

const slots = program.command('slots').description('Show the slots: who holds them, what their journals tell, which are quarantined');
connectionOptions(
  slots
    .enablePositionalOptions()
    .addOption(flag('--slots <namespaces>', 'namespaces to look at, comma-separated; default all there are').argParser(collect))
    .addOption(flag('-o, --output <format>', 'format').choices(['table', 'json', 'yaml', 'name']).default('table')),
).action(async (options) => {
  const { slotsCommand } = await import('./slots-command.ts');
  process.exitCode = await slotsCommand(options, context);
});
connectionOptions(
  slots
    .command('clean')
    .description('Empty a slot: give up its trial, delete its setup, put back what patches changed, end its quarantine')
    .argument('<slot>', 'its namespace'),
).action(async (slot, options) => {
  const { cleanSlotCommand } = await import('./clean-slot-command.ts');
  process.exitCode = await cleanSlotCommand(slot, options, context);
});

program
  .command('schema')
  .description('Print the JSON Schema of experiment files')
  .action(async () => {
    const { experimentJsonSchema } = await import('../definition/json-schema.ts');
    output.data(JSON.stringify(experimentJsonSchema(), undefined, 2));
  });

program
  .command('setup')
  .description('Carry out a setup task; runs inside setup Jobs')
  .addOption(flag('--folder <folder>', 'where the task lies').default('/fieldtrial/setup'))
  .action(async (options) => {
    const { setupCommand } = await import('./setup-command.ts');
    process.exitCode = await setupCommand(options, context);
  });

program
  .command('version')
  .description('Print the version')
  .action(async () => output.data(await readVersion()));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed it already; help and version asked for are no errors.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else {
    const { exitCode, text } = reportError(error);
    output.say(text);
    process.exitCode = exitCode;
    // What still waits for a silent server must not hold up a process that was told to end.
    if (error instanceof Interrupted) process.exit();
  }
}
