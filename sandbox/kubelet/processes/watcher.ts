/**
 * The program between this process and a container's. The first line of its standard input is JSON, `{ command, environment }`; it
 * starts the command in a process group of its own and kills that whole group when its standard input ends, which it does whenever this
 * process ends, however that happens. Any further line asks the group to terminate. It exits as the command does, with 128 and the
 * signal's number when a signal ended it, and with 127 when there is none.
 *
 * It is text for `node -e`, so that it works from sources and from a bundle alike.
 */
export const WATCHER = `
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
let child;
const signalGroup = (signal) => {
  try {
    if (child?.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};
const start = ({ command: [program, ...args], environment }) => {
  child = spawn(program, args, { detached: true, env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', (error) => {
    process.stderr.write(error.message + '\\n');
    process.exit(127);
  });
  child.on('exit', (code, signal) => {
    signalGroup('SIGKILL');
    process.exit(code ?? 128 + constants.signals[signal]);
  });
};
const lines = require('node:readline').createInterface({ input: process.stdin });
lines.on('line', (line) => (child === undefined ? start(JSON.parse(line)) : signalGroup('SIGTERM')));
lines.on('close', () => (child === undefined ? process.exit(0) : signalGroup('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signalGroup('SIGTERM'));
`;
