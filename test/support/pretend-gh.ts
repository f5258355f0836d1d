import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** A comment of a pull request, as far as `gh api` is asked about it. */
export type PullRequestComment = { id: number; user: { login: string }; body: string };

/**
 * Stands for `gh api` of a workflow on the comments of pull request 7 of acme/shop: `node pretend-gh.ts FILE api …`, with the comments as
 * JSON in FILE. Whatever else it is asked for is an error.
 */
const [file = '', ...args] = process.argv.slice(2);
const { positionals, values } = parseArgs({
  args,
  allowPositionals: true,
  options: {
    paginate: { type: 'boolean' },
    silent: { type: 'boolean' },
    method: { type: 'string', default: 'GET' },
    jq: { type: 'string', default: '' },
    field: { type: 'string', default: '' },
  },
});
const request = `${positionals.join(' ')} ${values.method}`;
const comments: PullRequestComment[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
const [, edited] = /^api repos\/acme\/shop\/issues\/comments\/(\d+) PATCH$/.exec(request) ?? [];

if (request === 'api repos/acme/shop/issues/7/comments GET' && values.paginate === true) {
  const filter = /^\.\[\] \| select\(\.user\.login == "([^"]+)" and \(\.body \| startswith\("([^"]+)"\)\)\) \| \.id$/;
  const [, login, marker] = filter.exec(values.jq) ?? [];
  if (login === undefined || marker === undefined) throw new Error(`not a filter that is known here: ${values.jq}`);
  for (const { id, user, body } of comments) if (user.login === login && body.startsWith(marker)) process.stdout.write(`${id}\n`);
} else if (request === 'api repos/acme/shop/issues/7/comments POST') {
  comments.push({ id: 101 + comments.length, user: { login: 'github-actions[bot]' }, body: givenBody() });
} else if (comments.some(({ id }) => String(id) === edited)) {
  for (const comment of comments) if (String(comment.id) === edited) comment.body = givenBody();
} else {
  throw new Error(`not a request that is known here: ${args.join(' ')}`);
}
writeFileSync(file, JSON.stringify(comments));

function givenBody(): string {
  const [, path] = /^body=@(.+)$/.exec(values.field) ?? [];
  if (path === undefined) throw new Error(`expected --field body=@FILE, not ${values.field}`);
  return readFileSync(path, 'utf8');
}
