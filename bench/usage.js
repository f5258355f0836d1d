// Loaded into the measured process with --import: writes what it used to the file that BENCH_USAGE names.
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.BENCH_USAGE, JSON.stringify(process.resourceUsage())));
