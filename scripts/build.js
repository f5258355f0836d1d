/** Bundles the program into dist/ (or the folder given): what the npm package and the image run. Chunks keep what commands load lazily apart. */
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

/** Of client-node only the kubeconfig is used; its models, 15 MB, do nothing but define themselves. */
const withoutUnusedModels = {
  name: 'without-unused-models',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'resolved' || !/@kubernetes\/client-node/.test(`${path} ${from.importer}`)) return undefined;
      const found = await resolve(path, { ...from, pluginData: 'resolved' });
      return found.path.includes('/@kubernetes/client-node/') ? { ...found, sideEffects: false } : found;
    });
  },
};

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { main: 'runner/cli/main.ts' },
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  plugins: [withoutUnusedModels],
  // CommonJS dependencies ask for node's own modules with require.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
});
