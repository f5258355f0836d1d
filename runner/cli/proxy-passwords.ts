import { urlSecrets } from './url-secrets.ts';

/** Where git (curl), helm (Go's net/http/httpproxy) and the runner's own clients read proxies from. */
const PROXIES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];

/** Passwords and tokens of proxies, which must not be printed: programs are given them, and may complain of a proxy with its URL. */
export function proxyPasswords(environment: Readonly<Record<string, string | undefined>>): string[] {
  return urlSecrets(PROXIES.map((name) => environment[name]));
}
