import assert from 'node:assert/strict';
import { withoutOwnSecrets } from '../../runner/without-own-secrets.ts';

describe('withoutOwnSecrets', () => {
  it("leaves out the runner's variables and the keys of metric vendors, and nothing that other programs need", () => {
    const others = {
      PATH: '/bin',
      HOME: '/root',
      https_proxy: 'http://me:secret@proxy',
      GIT_SSL_CAINFO: '/ca.pem',
      DD_SITE: 'datadoghq.eu',
    };
    const own = {
      FIELDTRIAL_GIT_TOKEN: 'a',
      FIELDTRIAL_REMOTE_TOKEN: 'b',
      DD_API_KEY: 'c',
      DD_APP_KEY: 'd',
      DATADOG_API_KEY: 'e',
      DATADOG_APP_KEY: 'f',
      NEW_RELIC_API_KEY: 'g',
    };

    assert.deepEqual(withoutOwnSecrets({ ...others, ...own }), others);
  });
});
