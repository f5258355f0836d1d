// Loaded into a program by `node --import`: names of Services (`….svc`, `….svc.cluster.local`) are looked up at the DNS server that
// CLUSTER_DNS names, as in a pod. Everything else is looked up as ever.
import dns, { type LookupAddress } from 'node:dns';

type Callback = (error: NodeJS.ErrnoException | null, address?: string | LookupAddress[], family?: number) => void;

const server = process.env['CLUSTER_DNS'];
if (server === undefined) throw new Error("CLUSTER_DNS is missing: the address of the cluster's DNS server");
const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
resolver.setServers([server]);
const outside = dns.lookup as (...args: unknown[]) => void;

Object.assign(dns, { lookup });

function lookup(name: string, ...rest: [...options: unknown[], callback: Callback]): void {
  if (!/\.svc(\.cluster\.local)?$/.test(name)) return outside(name, ...rest);
  const callback = rest.at(-1) as Callback;
  const { all = false } = (rest.length > 1 ? rest[0] : {}) as { all?: boolean };
  resolver.resolve4(name.replace(/\.svc$/, '.svc.cluster.local'), (error, addresses) => {
    if (error) callback(error);
    else if (all)
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else callback(null, addresses[0], 4);
  });
}
