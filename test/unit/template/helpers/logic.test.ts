import { failsWith, givesValues } from '../../../support/template-cases.ts';

const scope = { text: '4', gc: 'g1', none: null, empty: [], list: [0], object: {} };

describe('Comparisons and connectives', () => {
  givesValues(
    [
      ['{{eq 1 1}}', true],
      ['{{eq text 4}}', true],
      ['{{eq text "4.0"}}', false],
      ['{{eq gc "g1"}}', true],
      ['{{eq gc "G1"}}', false],
      ['{{eq none null}}', true],
      ['{{eq none 0}}', false],
      ['{{eq true "true"}}', false],
      ['{{ne gc "zgc"}}', true],
      ['{{ne text 4}}', false],
      ['{{lt 1 2}}', true],
      ['{{lt "10" "9"}}', false],
      ['{{le 2 2}}', true],
      ['{{gt 2 2}}', false],
      ['{{ge 2 2}}', true],
      ['{{and true 1 "a"}}', true],
      ['{{and true 0}}', false],
      ['{{and list object}}', true],
      ['{{or false none "" empty}}', false],
      ['{{or false "0"}}', true],
      ['{{default 7 0}}', 7],
      ['{{default 7 none}}', 7],
      ['{{default 7 gc}}', 'g1'],
      ['{{not empty}}', true],
      ['{{not gc}}', false],
    ],
    scope,
  );

  failsWith(
    [
      ['{{eq list list}}', 'eq: expected a text, number or boolean, got a list'],
      ['{{ne 1 object}}', 'ne: expected a text, number or boolean, got an object'],
      ['{{lt gc 1}}', 'lt: expected a number, got "g1"'],
    ],
    scope,
  );
});
