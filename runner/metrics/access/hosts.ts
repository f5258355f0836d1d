import type { ApiKeys, Vendor } from './api-keys.ts';
import type { HostCredentials, MetricAccess } from './metric-access.ts';

const NAME = String.raw`(?:[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?)*`;
const PORT = String.raw`(?::\d{1,5})?`;

/** `prometheus.monitoring`, `10.0.0.7:9090`, `[::1]:9090`: without a port all ports are meant. */
export const HOST = new RegExp(String.raw`^(?:${NAME}|\[[0-9a-f:.]+\])${PORT}$`, 'i');

/** A host, or `*.` and a domain: everything below it at whatever depth, and not the domain itself. */
export const HOST_PATTERN = new RegExp(String.raw`^(?:(?:\*\.)?${NAME}|\[[0-9a-f:.]+\])${PORT}$`, 'i');

/**
 * Why this URL must not be asked, undefined when it may: its host is none of the installation's, or what it would be sent must not go
 * there. A `vendor` is one whose keys the request carries.
 */
export function refusalOf(url: URL, vendor: Vendor | undefined, access: MetricAccess): string | undefined {
  const { hosts } = access;
  if (hosts !== undefined && !hosts.some((pattern) => isHost(pattern, url))) {
    return `this installation does not let metrics ask ${url.host}; it allows ${hosts.join(', ') || 'no host'}`;
  }
  const own = credentialsFor(url, access);
  const isPrivate = url.protocol === 'https:' || own?.plainHttp === true;
  if (vendor !== undefined && own?.apiKeys !== vendor && !VENDOR_HOSTS[vendor](access.keys).includes(url.host)) {
    return `the keys of ${vendor} are sent to its own hosts and those that the installation names for them, and ${url.host} is none`;
  }
  if ((vendor !== undefined || own !== undefined) && !isPrivate) {
    return `${url.host} would be sent credentials over http; use https, or plainHttp: true for that host in the metric access file`;
  }
  return undefined;
}

/** What the installation sends to this URL's host. */
export function credentialsFor(url: URL, { credentials }: Pick<MetricAccess, 'credentials'>): HostCredentials | undefined {
  return credentials.find(({ host }) => isHost(host, url));
}

/** Whether a pattern names the URL's host; names are compared without case and without the dot that may end them. */
export function isHost(pattern: string, url: URL): boolean {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
  if (port !== undefined && port !== (url.port || DEFAULT_PORTS[url.protocol])) return false;
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name;
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** docs.datadoghq.com/getting_started/site, docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph. */
const VENDOR_HOSTS: Readonly<Record<Vendor, (keys: ApiKeys) => string[]>> = {
  datadog: ({ datadog: { site } }) => [...DATADOG_SITES, ...(site === undefined ? [] : [site])].map((each) => `api.${each}`),
  newrelic: () => ['api.newrelic.com', 'api.eu.newrelic.com'],
};

const DATADOG_SITES = [
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'datadoghq.eu',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
  'ddog-gov.com',
];
