import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { packChart } from '../../runner/lifecycle/pack-chart.ts';
import type { Files } from './git-repository.ts';

export type ChartServer = {
  /** Address of the chart repository. */
  repository: string;
  /** Host and port of the registry: `oci://<registry>/charts/<name>`. */
  registry: string;
  /** The certificate that the registry's is signed with: its own, which nobody trusts without being told. */
  certificate: string;
  close(): Promise<void>;
};

/** A chart in one version: its files by path within its folder. */
export type PublishedChart = { name: string; version: string; files: Files };

/**
 * Publishes charts on an address of this machine as a chart repository (helm.sh/docs/topics/chart_repository) over HTTP, and as an OCI
 * registry, of which pulling is there (opencontainers/distribution-spec), over TLS.
 */
export async function startChartServer(charts: readonly PublishedChart[], address: string): Promise<ChartServer> {
  const { key, certificate } = await makeCertificate(address);
  const answers = new Map(await publish(charts));
  const answer: RequestListener = ({ url = '/' }, response) => {
    const found = answers.get(url.replace(/\?.*$/, ''));
    if (found === undefined) return response.writeHead(404).end();
    return response
      .writeHead(200, { 'content-type': found.type, 'content-length': found.body.length, 'docker-content-digest': digest(found.body) })
      .end(found.body);
  };
  const servers = [createServer(answer), createTlsServer({ key, cert: certificate }, answer)];
  const [repository, registry] = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, address), 'listening');
      return `${address}:${(server.address() as AddressInfo).port}`;
    }),
  );
  return {
    repository: `http://${repository}/charts`,
    registry: registry!,
    certificate,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      }
    },
  };
}

type Answer = { type: string; body: Buffer };

/** Every path that a client of either kind may ask for. */
async function publish(charts: readonly PublishedChart[]): Promise<[path: string, answer: Answer][]> {
  const packed = await Promise.all(charts.map(async (chart) => ({ ...chart, archive: await pack(chart) })));
  const entries = Object.groupBy(packed, ({ name }) => name);
  const index = Object.entries(entries).map(([name, versions = []]) => [
    name,
    versions.map(({ version }) => ({ name, version, urls: [`${name}-${version}.tgz`] })),
  ]);
  return [
    ['/charts/index.yaml', json({ apiVersion: 'v1', entries: Object.fromEntries(index) })],
    ...packed.map(({ name, version, archive }): [string, Answer] => [`/charts/${name}-${version}.tgz`, blob(archive)]),
    ['/v2/', json({})],
    ...Object.entries(entries).map(([name, versions = []]): [string, Answer] => [
      `/v2/charts/${name}/tags/list`,
      json({ name: `charts/${name}`, tags: versions.map(({ version }) => version) }),
    ]),
    ...packed.flatMap(registryPaths),
  ];
}

/** The media types are helm's (helm.sh/helm/pkg/registry/constants.go). */
function registryPaths({ name, version, archive }: PublishedChart & { archive: Buffer }): [string, Answer][] {
  const config = json({ name, version, apiVersion: 'v2' }).body;
  const manifest = {
    type: 'application/vnd.oci.image.manifest.v1+json',
    body: json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor('application/vnd.cncf.helm.config.v1+json', config),
      layers: [descriptor('application/vnd.cncf.helm.chart.content.v1.tar+gzip', archive)],
    }).body,
  };
  const base = `/v2/charts/${name}`;
  return [
    [`${base}/manifests/${version}`, manifest],
    [`${base}/manifests/${digest(manifest.body)}`, manifest],
    [`${base}/blobs/${digest(config)}`, blob(config)],
    [`${base}/blobs/${digest(archive)}`, blob(archive)],
  ];
}

function pack({ name, version, files }: PublishedChart): Promise<Buffer> {
  const all = { 'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n`, ...files };
  const contents = Object.entries(all).map(([path, text]) => ({ path: posix.join(name, path), content: Buffer.from(text) }));
  return packChart(name, contents);
}

function descriptor(mediaType: string, body: Buffer) {
  return { mediaType, digest: digest(body), size: body.length };
}

function digest(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function json(value: unknown): Answer {
  return { type: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

function blob(body: Buffer): Answer {
  return { type: 'application/octet-stream', body };
}

async function makeCertificate(address: string): Promise<{ key: string; certificate: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtrial-certificate-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    const files = ['-keyout', key, '-out', certificate];
    await promisify(execFile)('openssl', [...request, ...files, '-subj', '/CN=registry', '-addext', `subjectAltName=IP:${address}`]);
    return { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}
