import type { ApiKeys, Vendor } from './api-keys.ts';

/** What the installation lets metrics ask, and with what: never a matter of the repository. */
export type MetricAccess = {
  /** Host patterns (hosts.ts); undefined: any host. */
  hosts: readonly string[] | undefined;
  credentials: readonly HostCredentials[];
  keys: ApiKeys;
  /** Who asks, for the logs of other systems; a host's own headers win. */
  userAgent?: string;
};

/** What one host is sent. Files are read again at each request, so that what Kubernetes mounts may be rotated. */
export type HostCredentials = {
  /** One host, with or without its port; no wildcard. */
  host: string;
  /** Also over http, where whoever is on the way reads it; false: only over https. */
  plainHttp: boolean;
  /** No secrets. */
  headers: Readonly<Record<string, string>>;
  /** By header: the file that holds its value. */
  headerFiles: Readonly<Record<string, string>>;
  bearerTokenFile?: string;
  basic?: { username: string; passwordFile: string } | { usernameFile: string; passwordFile: string };
  /** PEM; instead of the certificate authorities that Node knows. */
  caFile?: string;
  /** PEM, of a client that proves itself by TLS. */
  certificate?: { certFile: string; keyFile: string };
  /** The vendor whose keys this host may be sent besides the vendor's own hosts: a proxy, for example. */
  apiKeys?: Vendor;
};

/** An installation that says nothing: any host may be asked, and none is sent anything. */
export const OPEN_ACCESS: MetricAccess = { hosts: undefined, credentials: [], keys: { datadog: {}, newrelic: {} } };
