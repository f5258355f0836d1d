/** `key: |`, `- >-` and their like: what is indented below is text. */
const BLOCK_TEXT = /(?:^|[\s:-])[|>][-+0-9]*[ \t]*(?:#.*)?$/;

/** A plain value at the end of a line, or within `{…}` and `[…]`; what the ancestor's YAML 1.1 took for a boolean or an octal number. */
const FORMER_VALUE =
  /(?<before>(?:^|[\s{[,])(?:[\w./"'-]+:|-)[ \t]+|[[,][ \t]*)(?<value>y|yes|n|no|on|off|0[0-7]+)(?=[ \t]*(?:$|[,}\]]|#))/gi;

const TRUE = /^(?:y|yes|on)$/i;

/**
 * A patch whose plain `yes`, `off`, `0644` and so on are written as YAML 1.2 has them, since the ancestor read what it rendered to as
 * YAML 1.1 (R§16.3). Quoted texts and blocks of text stay as they are.
 */
export function inYaml12(patch: string): string {
  let textBelow: number | undefined;
  return patch
    .split('\n')
    .map((line) => {
      const indent = /^ */.exec(line)![0].length;
      if (textBelow !== undefined && (line.trim() === '' || indent > textBelow)) return line;
      textBelow = BLOCK_TEXT.test(line) ? indent : undefined;
      return line.replaceAll(FORMER_VALUE, (whole, before: string, value: string, ...rest) => {
        const offset = rest.find((each) => typeof each === 'number') as number;
        return isQuoted(line.slice(0, offset + before.length)) ? whole : before + written(value);
      });
    })
    .join('\n');
}

function written(value: string): string {
  if (/^\d/.test(value)) return value.replace(/^0+(?=.)/, '0o');
  return String(TRUE.test(value));
}

/** Whether a quote is open at the end of this. */
function isQuoted(text: string): boolean {
  return (text.split('"').length - 1) % 2 === 1 || (text.split("'").length - 1) % 2 === 1;
}
