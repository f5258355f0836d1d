import assert from 'node:assert/strict';
import { keySecrets, missingKeys, readApiKeys } from '../../../../runner/metrics/access/api-keys.ts';

describe('the keys of the environment', () => {
  it('are read by their usual names (R§21)', () => {
    const keys = readApiKeys({
      DD_API_KEY: 'a',
      DD_APP_KEY: 'b',
      DD_SITE: 'datadoghq.eu',
      NEW_RELIC_API_KEY: 'c',
      NEW_RELIC_ACCOUNT_ID: '7\n',
    });

    assert.deepEqual(keys, { datadog: { apiKey: 'a', appKey: 'b', site: 'datadoghq.eu' }, newrelic: { apiKey: 'c', accountId: '7' } });
    assert.deepEqual(keySecrets(keys), ['a', 'b', 'c']);
  });

  it('are those of the longer name where there are two, so that the app key never becomes the API key', () => {
    const { datadog } = readApiKeys({ DATADOG_API_KEY: 'a', DD_API_KEY: 'b', DD_APP_KEY: 'c' });

    assert.deepEqual(datadog, { apiKey: 'a', appKey: 'c' });
  });

  it('may be meant for this program alone', () => {
    const { datadog } = readApiKeys({ FIELDTRIAL_DATADOG_API_KEY: 'a', DATADOG_API_KEY: 'b', DATADOG_APP_KEY: 'c' });

    assert.deepEqual(datadog, { apiKey: 'a', appKey: 'c' });
  });

  it('are not set when they are empty', () => {
    assert.deepEqual(readApiKeys({ DD_API_KEY: '', NEW_RELIC_API_KEY: ' ' }), { datadog: {}, newrelic: {} });
  });

  it('are missed by name, each that is', () => {
    assert.deepEqual(missingKeys('datadog', { datadog: { apiKey: 'a' }, newrelic: {} }), [
      "DD_APP_KEY is not set in the runner's environment (nor DATADOG_APP_KEY or FIELDTRIAL_DATADOG_APP_KEY)",
    ]);
    assert.deepEqual(missingKeys('newrelic', { datadog: {}, newrelic: { apiKey: 'a', accountId: '7' } }), []);
  });
});
