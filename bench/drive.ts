import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Drive = {
  /** When the process was started and had ended. Milliseconds since 1970. */
  from: number;
  until: number;
  trials: number;
  /** CPU seconds of the process and its children, from the first trial's start to the last one's end. */
  cpuSeconds: number;
  /** MiB, at its peak, without children. */
  peakMemory: number;
  /** When it told that records were pushed. Milliseconds since 1970. */
  pushes: number[];
};

/** Milliseconds; a program that hangs must not hang the measurement. */
const LONGEST = 180_000;

/**
 * Runs a program that prints `trial-started` and `trial-finished` as JSON lines, and measures what it used. Throws with the end of
 * its stderr when it or one of its trials fails.
 */
export async function drive(args: readonly string[], environment: Record<string, string> = {}): Promise<Drive> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-bench-'));
  try {
    const usageFile = join(folder, 'usage.json');
    const from = Date.now();
    const measured = await run(args, { ...environment, BENCH_USAGE: usageFile });
    const { maxRSS } = JSON.parse(await readFile(usageFile, 'utf8'));
    return { ...measured, from, until: Date.now(), peakMemory: maxRSS / 1024 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run(args: readonly string[], environment: Record<string, string>): Promise<Pick<Drive, 'trials' | 'cpuSeconds' | 'pushes'>> {
  const preload = new URL('usage.js', import.meta.url).href;
  const program = spawn(process.execPath, ['--import', preload, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    signal: AbortSignal.timeout(LONGEST),
  });
  const pid = program.pid ?? 0;
  const ended = once(program, 'exit');
  const said = gather(program.stderr);
  let trials = 0;
  let first: number | undefined;
  let last = 0;
  let failed = '';
  const pushes: number[] = [];
  for await (const line of createInterface({ input: program.stdout })) {
    const { type, phase } = line.startsWith('{') ? JSON.parse(line) : {};
    if (type === 'trial-started') first ??= cpuSeconds(pid);
    if (type === 'records-pushed') pushes.push(Date.now());
    if (type !== 'trial-finished') continue;
    last = cpuSeconds(pid);
    trials += 1;
    if (phase === 'Failed') failed = line;
  }
  const [code] = await ended;
  if (code === 0 && failed === '') return { trials, cpuSeconds: last - (first ?? 0), pushes };
  throw new Error(`${args[0]} ended with ${code}: ${failed}${(await said).slice(-2000)}`);
}

/** Of a process and the children it has waited for; proc_pid_stat(5), whose ticks are hundredths of a second. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / 100;
}

async function gather(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
