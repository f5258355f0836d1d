import { failsWith, givesValues } from '../../../support/template-cases.ts';

const scope = { name: 'checkout-007', none: null, list: ['a', 1, true], object: { items: [1] } };

describe('Text helpers', () => {
  givesValues(
    [
      ['{{lower "Ab"}}', 'ab'],
      ['{{upper "Ab"}}', 'AB'],
      ['{{trim "  a b  "}}', 'a b'],
      ['{{replace name "0" "o"}}', 'checkout-oo7'],
      ['{{replace name "-" "$&"}}', 'checkout$&007'],
      ['{{replace "a.b" "." "-"}}', 'a-b'],
      ['{{concat name "-" 1 true}}', 'checkout-007-1true'],
      ['{{quote name}}', '"checkout-007"'],
      [`{{quote 'a "b" \\'}}`, '"a \\"b\\" \\\\"'],
      ['{{trunc 3 name}}', 'che'],
      ['{{trunc -3 name}}', '007'],
      ['{{trunc 99 name}}', 'checkout-007'],
      ['{{split "a,b,,c" ","}}', ['a', 'b', '', 'c']],
      ['{{join list "-"}}', 'a-1-true'],
      ['{{join (split name "-") "_"}}', 'checkout_007'],
    ],
    scope,
  );

  failsWith(
    [
      ['{{upper none}}', 'upper: an argument is null, which has no text; print it with {{json …}} or leave it out with {{#if …}}'],
      ['{{upper list}}', 'upper: an argument is a list; print it with {{json …}}'],
      ['{{trunc 1.5 name}}', 'trunc: expected a whole number of characters, got 1.5'],
      ['{{join name "-"}}', 'join: expected a list, got "checkout-007"'],
      ['{{join object "-"}}', 'join: expected a list, got an object'],
    ],
    scope,
  );
});
