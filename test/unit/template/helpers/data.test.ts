import { failsWith, givesValues } from '../../../support/template-cases.ts';

const scope = { object: { 'a/b': { c: 1 }, none: null, list: ['x'] }, text: '8', infinite: Infinity };

describe('Data helpers', () => {
  givesValues(
    [
      ['{{lookup object "a/b" "c"}}', 1],
      ['{{lookup object "list" 0}}', 'x'],
      ['{{lookup object "none"}}', null],
      ['{{has object "a/b" "c"}}', true],
      ['{{has object "a/b" "d"}}', false],
      ['{{has object "none"}}', false],
      ['{{has object "none" "c"}}', false],
      ['{{has object "list" 1}}', false],
      ['{{has object "constructor"}}', false],
      ['{{length object}}', 3],
      ['{{length "añb"}}', 3],
      ['{{length (split "a,b" ",")}}', 2],
      ['{{json object}}', '{"a/b":{"c":1},"none":null,"list":["x"]}'],
      ['{{json text}}', '"8"'],
      ['{{string 8}}', '8'],
      ['{{number "0.5"}}', 0.5],
      ['{{int text}}', 8],
      ['{{int 8.0}}', 8],
      ['{{int "1e3"}}', 1000],
    ],
    scope,
  );

  failsWith(
    [
      ['{{length 3}}', 'length: expected a text, a list or an object, got 3'],
      ['{{lookup object "a/b" "d"}}', 'lookup: unknown name "[a/b].d"; known: c'],
      ['{{lookup text "length"}}', 'lookup: expected an object, got "8"'],
      ['{{lookup object object}}', 'lookup: a key is an object; print it with {{json …}}'],
      ['{{json infinite}}', 'json: JSON has no number for Infinity'],
      ['{{json @root}}', 'json: JSON has no number for Infinity'],
      ['{{int 2.5}}', 'int: expected an integer, got 2.5; use round, ceil or floor'],
      ['{{int "a"}}', 'int: expected a number, got "a"'],
      ['{{string object}}', 'string: the value is an object; print it with {{json …}}'],
    ],
    scope,
  );
});
