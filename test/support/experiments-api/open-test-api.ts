import { systemClock } from '../../../runner/clock.ts';
import { openApiHttp, type ApiHttpOptions } from '../../../runner/remote/api-http.ts';
import { openExperimentsApi, type ExperimentsApi } from '../../../runner/remote/experiments-api.ts';

/** The client of a test server, without credentials; requests are tried again for two seconds. */
export function openTestApi(url: string, options: Partial<ApiHttpOptions> = {}): ExperimentsApi {
  const http = openApiHttp({
    server: new URL(url),
    credentials: { type: 'none' },
    userAgent: 'fieldtrial/0.0.0-test',
    clock: systemClock,
    hide: () => undefined,
    retryFor: 2_000,
    ...options,
  });
  return openExperimentsApi(new URL('v1/experiments/', url).href, http);
}
