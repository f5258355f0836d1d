import { OPEN_ACCESS, type HostCredentials, type MetricAccess } from '../../runner/metrics/access/metric-access.ts';

/** An installation that sends one host this, and the others nothing. */
export function accessWith(host: string, fields: Partial<HostCredentials>, keys: MetricAccess['keys'] = OPEN_ACCESS.keys): MetricAccess {
  return { ...OPEN_ACCESS, credentials: [{ host, plainHttp: false, headers: {}, headerFiles: {}, ...fields }], keys };
}
