import assert from 'node:assert/strict';
import { assessTargets, type ScrapeTarget } from '../../../../runner/metrics/prometheus/assess-targets.ts';
import { findSelectors } from '../../../../runner/metrics/prometheus/selectors.ts';

const completion = new Date('2026-03-01T10:00:00Z');

const aTarget = (job: string, seconds: number, fields: Partial<ScrapeTarget> = {}): ScrapeTarget => ({
  labels: { job, instance: `${job}:80` },
  health: 'up',
  lastScrape: new Date(completion.getTime() + seconds * 1000).toISOString(),
  ...fields,
});

describe('the scrape targets after a trial', () => {
  for (const seconds of [-60, -1, 0, 0.999]) {
    it(`are waited for when one was scraped ${seconds} s after completion`, () => {
      const state = assessTargets([aTarget('api', 60), aTarget('web', seconds)], findSelectors('a'), completion);

      assert.deepEqual(state, {
        status: 'Waiting',
        message: 'no scrape since the trial ended of web web:80 (every target matters, as the query selects none by its labels)',
      });
    });
  }

  for (const [offset, status] of [
    [60, 'Scraped'],
    [-1, 'Waiting'],
    [-60, 'Waiting'],
    [0, 'Waiting'],
  ] as const) {
    it(`are ${status === 'Scraped' ? 'done' : 'waited for'} when all three were scraped ${offset} s after completion (R§24.4)`, () => {
      const targets = ['a', 'b', 'c'].map((job) => aTarget(job, offset));

      assert.equal(assessTargets(targets, findSelectors('scalar(up)'), completion).status, status);
    });
  }

  it('are done when each was scraped after completion, at the time of the last', () => {
    const state = assessTargets([aTarget('api', 1), aTarget('web', 60), aTarget('db', 5)], findSelectors('a'), completion);

    assert.deepEqual(state, { status: 'Scraped', at: new Date('2026-03-01T10:01:00Z') });
  });

  it('matter only where the query names their labels', () => {
    const targets = [aTarget('api', 5), aTarget('web', -60), aTarget('db', -60, { health: 'down' })];

    const state = assessTargets(targets, findSelectors('rate(a{job="api", pod="x"}[1m]) / b'), completion);

    assert.deepEqual(state, { status: 'Scraped', at: new Date('2026-03-01T10:00:05Z') });
  });

  it('matter when any of several selectors names them', () => {
    const targets = [aTarget('api', 5), aTarget('web', -60), aTarget('db', -60)];

    const state = assessTargets(targets, findSelectors('a{job="api"} / b{instance="web:80"}'), completion);

    assert.deepEqual(state, { status: 'Waiting', message: 'no scrape since the trial ended of web web:80' });
  });

  it('all matter when the labels are those of pushed samples', () => {
    const state = assessTargets([aTarget('pushgateway', -5)], findSelectors('a{job="trialRun"}'), completion);

    assert.equal(state.status, 'Waiting');
  });

  it('do not match by a label that only some selector of theirs denies', () => {
    const targets = [aTarget('api', 5), { ...aTarget('api', -60), labels: { job: 'api', instance: 'api:81' } }];

    const state = assessTargets(targets, findSelectors('a{job="api", instance="api:80"}'), completion);

    assert.equal(state.status, 'Scraped');
  });

  it('are waited for while one that matters is down, without the query of its URL', () => {
    const target = aTarget('api', 60, {
      health: 'down',
      lastError: 'Get "http://api:80/metrics?token=s3cret": connection refused',
    });

    assert.deepEqual(assessTargets([target], findSelectors('a{job="api"}'), completion), {
      status: 'Waiting',
      message: 'scrape target api api:80 is down: Get "http://api:80/metrics": connection refused',
    });
  });

  it('are waited for while one was never scraped', () => {
    const target = aTarget('api', 60, { health: 'unknown', lastScrape: '0001-01-01T00:00:00Z' });

    assert.deepEqual(assessTargets([target], findSelectors('a{job="api"}'), completion), {
      status: 'Waiting',
      message: 'scrape target api api:80 was not scraped yet',
    });
  });
});
