import assert from 'node:assert/strict';
import { touchesBy } from '../../../runner/lifecycle/describe-touches.ts';
import { formatReview } from '../../../runner/review/format-review.ts';
import type { Review, ReviewedExperiment } from '../../../runner/review/review-change.ts';

const NOTHING = touchesBy(() => []);

function aReview(fields: Partial<ReviewedExperiment> = {}): Review {
  const reviewed: ReviewedExperiment = {
    experiment: 'sizing',
    file: 'experiments/sizing/experiment.yaml',
    change: 'New',
    trials: 40,
    seconds: { each: 300, from: 'records' },
    parallel: 1,
    first: { trial: 'sizing-001', source: 'baseline', assignments: [{ name: 'cpu', value: 2 }], before: undefined, after: 'a: 1\n' },
    files: [],
    suggestions: [],
    slots: ['shop-1'],
    newSlots: [],
    touches: NOTHING,
    newTouches: NOTHING,
    unseen: [],
    ...fields,
  };
  return { experiments: [reviewed], invalid: [], removed: [], settings: [], problems: [] };
}

describe('a review as Markdown', () => {
  it('counts the hours of trials that run beside each other', () => {
    const alone = formatReview(aReview());
    const together = formatReview(aReview({ parallel: 4 }));

    assert.match(alone, /^\| `sizing` \| \*\*new\*\* \| 40 \| about 3\.4 h \(5m a trial\) \|$/m);
    assert.match(together, /^\| `sizing` \| \*\*new\*\* \| 40 \| about 0\.9 h with 4 slots \(5m a trial\) \|$/m);
  });

  it('says why nothing runs', () => {
    const text = formatReview(aReview({ nothing: { reason: 'Paused', message: 'spec.replicas is 0' }, trials: 0 }));

    assert.match(text, /^\| `sizing` \| \*\*new\*\* \| none: Paused \| {2}\|$/m);
    assert.match(text, /^Nothing runs now: Paused, spec\.replicas is 0\.$/m);
  });

  it('promises no number where a remote API decides', () => {
    const { experiments, ...rest } = aReview();
    const [{ trials: _, ...open }] = experiments as [ReviewedExperiment];

    const text = formatReview({ ...rest, experiments: [open] });

    assert.match(text, /\| as many as its source suggests \| about 5m a trial \|$/m);
  });

  it('keeps what somebody wrote from being markup', () => {
    const touches = { ...NOTHING, images: ['evil|`</details>`'] };

    const text = formatReview(aReview({ touches, first: { ...aReview().experiments[0]!.first, after: '```\n</details>\n' } }));

    assert.match(text, /^\| Images \| `` evil\\\|`<\/details>` `` \|$/m);
    assert.match(text, /^````yaml\n```\n<\/details>\n````$/m);
  });

  it('cuts what is too long for a comment, and says so', () => {
    const after = Array.from({ length: 300 }, (_, index) => `line: ${index}`).join('\n');

    const text = formatReview(aReview({ first: { ...aReview().experiments[0]!.first, after } }));

    assert.match(text, /^line: 249\n```\n\n50 lines more; `fieldtrial plan` shows everything\.$/m);
  });

  it('says nothing more of what is unchanged', () => {
    const text = formatReview(aReview({ change: 'Unchanged' }));

    assert.doesNotMatch(text, /###/);
  });
});
