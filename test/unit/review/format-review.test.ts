import assert from 'node:assert/strict';
import { touchesBy } from '../../../runner/lifecycle/describe-touches.ts';
import { formatReview, MOST_BYTES } from '../../../runner/review/format-review.ts';
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

  const many = (count: number, fields: (index: number) => Partial<ReviewedExperiment>): Review => ({
    ...aReview(),
    experiments: Array.from({ length: count }, (_, index) => ({
      ...aReview().experiments[0]!,
      experiment: `sizing-${index}`,
      ...fields(index),
    })),
  });
  const first = (after: string) => ({ ...aReview().experiments[0]!.first, after });
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `line: ${'x'.repeat(70)}${index}\n`).join('');

  it('fits into a comment: rendered texts are left out first, the longest, and tables stay', () => {
    const text = formatReview(many(8, (index) => ({ first: first(lines(index === 0 ? 10 : 200)) })));

    assert.ok(Buffer.byteLength(text) <= MOST_BYTES, `${Buffer.byteLength(text)}`);
    assert.equal(text.match(/^\| It may touch/gm)?.length, 8);
    assert.match(text.slice(text.indexOf('### `sizing-0`'), text.indexOf('### `sizing-1`')), /^```yaml\nline: /m);
    assert.match(
      text.slice(text.indexOf('### `sizing-7`')),
      /^The rendered first trial is left out, since all of it is too long for a comment; `fieldtrial plan --base … -o json` has everything\.$/m,
    );
  });

  it('names the sections that do not fit even so, before all others', () => {
    const images = Array.from({ length: 40 }, (_, index) => `registry.example/${'é'.repeat(150)}:${index}`);

    const text = formatReview(many(20, () => ({ touches: { ...NOTHING, images } })));

    assert.ok(Buffer.byteLength(text) <= MOST_BYTES, `${Buffer.byteLength(text)}`);
    assert.match(text, /^\*\*Left out\*\*, since all of it is too long for a comment: .*`sizing-18`, `sizing-19`; /m);
    assert.ok(text.indexOf('**Left out**') < text.indexOf('###'));
    assert.match(text, /^\| `sizing-19` \| \*\*new\*\* \|/m);
  });

  it('shows what is new first where a cell would be too long', () => {
    const images = Array.from({ length: 80 }, (_, index) => `a:${index}`);

    const text = formatReview(aReview({ change: 'Edited', touches: { ...NOTHING, images }, newTouches: { ...NOTHING, images: ['a:79'] } }));

    assert.match(text, /^\| Images \| \*\*new\*\* `a:79`, `a:0`, .*`a:48`, 30 more \|$/m);
  });

  it('leaves unchanged experiments out first where there are more than fit', () => {
    const text = formatReview(many(200, (index) => ({ change: index === 199 ? 'Edited' : 'Unchanged' })));

    assert.match(text, /^\| `sizing-199` \| changed/m);
    assert.match(text, /^50 experiments more; /m);
  });

  it('says nothing more of what is unchanged', () => {
    const text = formatReview(aReview({ change: 'Unchanged' }));

    assert.doesNotMatch(text, /###/);
  });
});
