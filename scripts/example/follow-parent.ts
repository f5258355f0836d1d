/**
 * Preloaded into a `fieldtrial` that a script shows. The script's messages are names of signals, which the program gets unless it is told
 * to end besides: at a terminal Ctrl-C reaches both, and a second signal would cut the farewell short. When the script is gone, however it
 * ended, the program gets a SIGTERM likewise, and soon another one: a cluster that went with the script would let it wait in vain.
 */
import { constants } from 'node:os';

/** How long a terminal's signal may be under way when the script has had it already. Milliseconds. */
const UNDER_WAY = 500;

/** How long a farewell may take when the script is gone. Milliseconds. */
const FAREWELL = 2_000;

let isTold = false;

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    isTold = true;
    // The program does not listen yet, so that nothing else would end it.
    if (process.listenerCount(name) === 1) process.exit(128 + constants.signals[name]);
  });
}

const tell = (name: NodeJS.Signals) => setTimeout(() => isTold || process.kill(process.pid, name), UNDER_WAY);

process.on('message', tell);
process.on('disconnect', () => {
  tell('SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), UNDER_WAY + FAREWELL).unref();
});
// The program ends when it has nothing to do, not when the script does.
process.channel?.unref();
