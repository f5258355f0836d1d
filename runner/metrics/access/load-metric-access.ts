import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { checkSchema } from '../../definition/check-schema.ts';
import { fields, nonEmptyText } from '../../definition/fields.ts';
import { toProblems, type Finding } from '../../definition/locate.ts';
import { parseYaml } from '../../definition/read-yaml.ts';
import { formatProblem, UsageError } from '../../model/errors.ts';
import { HOST, HOST_PATTERN, isHost } from './hosts.ts';
import type { HostCredentials, MetricAccess } from './metric-access.ts';

const HEADER = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const SECRET_HEADERS = /^(authorization|proxy-authorization|cookie|dd-api-key|dd-application-key|api-key|x-api-key)$/i;

const hostText = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, { error: ({ input }) => `${JSON.stringify(input)} is not ${expected}` });

const headersOf = (values: z.ZodString) =>
  z.record(z.string().regex(HEADER), values, {
    error: ({ code }) => (code === 'invalid_key' ? 'is not the name of an HTTP header' : undefined),
  });

const credentials = fields({
  host: hostText(HOST, 'one host, such as prometheus.monitoring or prometheus.monitoring:9090'),
  plainHttp: z.boolean().optional(),
  headers: headersOf(z.string().regex(/^[\t\x20-\x7e]*$/, 'must be one line of ASCII')).optional(),
  headerFiles: headersOf(nonEmptyText).optional(),
  bearerTokenFile: nonEmptyText.optional(),
  basic: fields({ username: nonEmptyText.optional(), usernameFile: nonEmptyText.optional(), passwordFile: nonEmptyText }).optional(),
  caFile: nonEmptyText.optional(),
  certFile: nonEmptyText.optional(),
  keyFile: nonEmptyText.optional(),
  apiKeys: z.enum(['datadog', 'newrelic']).optional(),
});

const schema = fields({
  hosts: z.array(hostText(HOST_PATTERN, 'a host such as prometheus.monitoring:9090, or a domain such as *.svc.cluster.local')).optional(),
  credentials: z.array(credentials).optional(),
});

type Written = z.infer<typeof schema>;
type WrittenCredentials = z.infer<typeof credentials>;

/**
 * The installation's file of hosts that metrics may ask and of what these are sent; paths in it are relative to its own folder. Throws
 * UsageError with every problem, one a line. The files it names are read at each request, not now.
 */
export async function loadMetricAccess(file: string): Promise<Omit<MetricAccess, 'keys'>> {
  const { documents, problems } = parseYaml(await readText(file), file);
  if (problems.length > 0) throw new UsageError(problems.map(formatProblem).join('\n'));
  const [document, ...others] = documents;
  const checked = checkSchema(schema, document?.value ?? {});
  const findings = checked.ok ? rules(checked.value) : checked.findings;
  const all = others.length > 0 ? [{ path: [], message: 'holds several documents; one is expected' }, ...findings] : findings;
  if (!checked.ok || all.length > 0) {
    const found = toProblems(all, (path) => ({ file, line: document?.lineOf(path) ?? 1 }));
    throw new UsageError(found.map(formatProblem).join('\n'));
  }
  const { hosts, credentials: each = [] } = checked.value;
  return { hosts, credentials: each.map((one) => normalize(one, dirname(file))) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`the metric access file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, {
      cause,
    });
  }
}

function rules({ hosts, credentials: all = [] }: Written): Finding[] {
  return all.flatMap((each, index) => {
    const at = (...path: string[]) => ['credentials', index, ...path];
    const { basic, bearerTokenFile, certFile, keyFile, headers = {}, headerFiles = {} } = each;
    const names = [...Object.keys(headers), ...Object.keys(headerFiles)].map((name) => name.toLowerCase());
    const host = new URL(`https://${each.host}`);
    const first = all.findIndex((other) => other.host.toLowerCase() === each.host.toLowerCase());
    return [
      ...(first < index ? [{ path: at('host'), message: `${each.host} has credentials already, in item ${first + 1} of this list` }] : []),
      ...(hosts !== undefined && !hosts.some((pattern) => isHost(pattern, host) || isHost(pattern.replace(/:\d+$/, ''), host))
        ? [{ path: at('host'), message: `${each.host} is none of the hosts that may be asked; add it to hosts` }]
        : []),
      ...(bearerTokenFile !== undefined && basic !== undefined
        ? [{ path: at('basic'), message: 'a host is sent a bearer token or a user name and password, not both; remove one' }]
        : []),
      ...(basic !== undefined && (basic.username === undefined) === (basic.usernameFile === undefined)
        ? [{ path: at('basic'), message: 'needs one of username and usernameFile' }]
        : []),
      ...((certFile === undefined) === (keyFile === undefined)
        ? []
        : [{ path: at(certFile === undefined ? 'keyFile' : 'certFile'), message: 'certFile and keyFile are given together' }]),
      ...Object.keys(headers)
        .filter((name) => SECRET_HEADERS.test(name))
        .map((name) => ({ path: at('headers', name), message: 'holds a secret; name the file that has it in headerFiles' })),
      ...names
        .filter((name, position) => names.indexOf(name) < position)
        .map((name) => ({ path: at('headerFiles'), message: `the header ${name} is given twice; remove one` })),
      ...((bearerTokenFile !== undefined || basic !== undefined) && names.includes('authorization')
        ? [{ path: at('headerFiles'), message: 'the header Authorization is what bearerTokenFile and basic give; remove one' }]
        : []),
      ...(Object.keys(each).length === 1
        ? [{ path: at(), message: `says nothing about ${each.host}; name what it is sent, or remove it` }]
        : []),
    ];
  });
}

function normalize(written: WrittenCredentials, folder: string): HostCredentials {
  const { host, plainHttp = false, headers = {}, headerFiles = {}, bearerTokenFile, basic, caFile, certFile, keyFile, apiKeys } = written;
  const inFolder = (path: string) => resolve(folder, path);
  return {
    host: host.toLowerCase(),
    plainHttp,
    headers,
    headerFiles: Object.fromEntries(Object.entries(headerFiles).map(([name, path]) => [name, inFolder(path)])),
    ...(bearerTokenFile !== undefined && { bearerTokenFile: inFolder(bearerTokenFile) }),
    ...(basic && { basic: normalizeBasic(basic, inFolder) }),
    ...(caFile !== undefined && { caFile: inFolder(caFile) }),
    ...(certFile !== undefined && keyFile !== undefined && { certificate: { certFile: inFolder(certFile), keyFile: inFolder(keyFile) } }),
    ...(apiKeys && { apiKeys }),
  };
}

function normalizeBasic(
  { username, usernameFile = '', passwordFile }: NonNullable<WrittenCredentials['basic']>,
  inFolder: (path: string) => string,
): HostCredentials['basic'] {
  const password = { passwordFile: inFolder(passwordFile) };
  return username === undefined ? { usernameFile: inFolder(usernameFile), ...password } : { username, ...password };
}
