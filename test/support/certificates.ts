import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** PEM. */
export type Certificates = { authority: Buffer; key: Buffer; cert: Buffer };

/** An authority of its own, and a server's certificate by it for one IP address; both for a day. Needs openssl. */
export async function certificatesFor(address: string): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-tls-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args);
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    await writeFile(at('extensions'), `subjectAltName=IP:${address}\n`);
    await openssl('req', '-x509', ...fresh, '-days', '1', '-subj', '/CN=test authority', '-keyout', at('ca.key'), '-out', at('ca.pem'));
    await openssl('req', ...fresh, '-subj', '/CN=git', '-keyout', at('key'), '-out', at('request'));
    const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
    await openssl('x509', '-req', '-in', at('request'), ...signer, '-days', '1', '-extfile', at('extensions'), '-out', at('cert'));
    const [authority, key, cert] = await Promise.all(['ca.pem', 'key', 'cert'].map((name) => readFile(at(name))));
    return { authority: authority!, key: key!, cert: cert! };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
