/**
 * Adds to package-lock.json the optional platform packages that npm leaves out when a registry does not offer them all; `npm ci`
 * refuses a lock file that lacks them. Run it after every `npm install` behind such a registry.
 */
import { readFile, writeFile } from 'node:fs/promises';

const SYSTEMS = /(android|darwin|freebsd|linux|openharmony|win32|sunos|aix|netbsd|openbsd)/;
const PROCESSORS = /(?:^|-)(arm64|x64|arm|ia32|ppc64|riscv64|s390x|wasm32|loong64)/;

const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {}, dev }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => path !== '' && !lock.packages[`${path}/node_modules/${name}`] && !lock.packages[`node_modules/${name}`])
    .map(([name, version]) => [`node_modules/${name}`, { version, ...(dev && { dev }), optional: true, ...platformOf(name) }]),
);
const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(missing) });
lock.packages = Object.fromEntries(packages.sort(([left], [right]) => (left < right ? -1 : 1)));
await writeFile('package-lock.json', `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`${missing.length} packages added\n`);

function platformOf(name) {
  const [, system] = SYSTEMS.exec(name) ?? [];
  const [, processor] = PROCESSORS.exec(name.split('/')[1] ?? name) ?? [];
  return { ...(system && { os: [system] }), ...(processor && { cpu: [processor] }) };
}
