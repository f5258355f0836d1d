/** Where text leaves the process: data on stdout, everything else on stderr, secrets masked in both. */
export type Output = {
  data(text: string): void;
  say(line: string): void;
  /** Strings that must never be printed from now on. */
  hide(secrets: readonly string[]): void;
};

export function openOutput(
  { stdout, stderr }: { stdout: { write(text: string): unknown }; stderr: { write(text: string): unknown } },
  redactor: (secrets: string[]) => (text: string) => string,
): Output {
  let hidden: string[] = [];
  let redact = redactor(hidden);
  return {
    data: (text) => void stdout.write(redact(text.endsWith('\n') ? text : `${text}\n`)),
    say: (line) => void stderr.write(`${redact(line)}\n`),
    hide(secrets) {
      hidden = [...hidden, ...secrets];
      redact = redactor(hidden);
    },
  };
}
