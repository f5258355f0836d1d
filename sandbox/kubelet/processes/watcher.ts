import { CONTAINER_MARK, MARKED_PROCESSES } from './marked-processes.ts';

/**
 * The program between this process and a container's. The first line of its standard input is JSON, `{ command, environment }`; it
 * starts the command in a process group of its own. When the command exits, or its own standard input ends, which it does whenever this
 * process ends, however that happens, it kills that whole group and, on Linux, what left the group with the container's mark in its
 * environment. Any further line asks the group to terminate. It exits as the command does, with 128 and the signal's number when a signal
 * ended it, and with 127 when there is none.
 *
 * It is text for `node -e`, so that it works from sources and from a bundle alike.
 */
export const WATCHER = `
${MARKED_PROCESSES}
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
let child;
let mark;
const signalGroup = (signal) => child?.pid !== undefined && kill(-child.pid, signal);
const start = ({ command: [program, ...args], environment }) => {
  mark = '${CONTAINER_MARK}=' + environment.${CONTAINER_MARK} + '\\0';
  child = spawn(program, args, { detached: true, env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', (error) => {
    process.stderr.write(error.message + '\\n');
    process.exit(127);
  });
  child.on('exit', async (code, signal) => {
    signalGroup('SIGKILL');
    await untilNone(() => markedBy(mark), killAll);
    process.exit(code ?? 128 + constants.signals[signal]);
  });
};
const lines = require('node:readline').createInterface({ input: process.stdin });
lines.on('line', (line) => (child === undefined ? start(JSON.parse(line)) : signalGroup('SIGTERM')));
lines.on('close', () => (child === undefined ? process.exit(0) : signalGroup('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signalGroup('SIGTERM'));
`;
