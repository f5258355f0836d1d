#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that an old one says what is missing instead of a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(`fieldtrial needs Node 24 or later, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  const { existsSync } = await import('node:fs');
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  // A checkout runs its sources, never a bundle that may be older; the package and the image have the bundle alone.
  const sources = new URL('../runner/cli/main.ts', import.meta.url);
  await import(existsSync(sources) ? sources.href : '../dist/main.js');
}
