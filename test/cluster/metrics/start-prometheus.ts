import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram, type Program } from './start-program.ts';

/** One job of Prometheus' scrape_configs. */
export type Scrape = { job_name: string; target: string; honor_labels?: boolean };

/** A real Prometheus that scrapes each target (a host and port) every second; `web` is its web configuration file. */
export async function startPrometheus(scrapes: readonly Scrape[], web?: object): Promise<Program & { url: string }> {
  const program = await startProgram('prometheus', async (folder) => {
    const [config, webConfig] = [join(folder, 'prometheus.yml'), join(folder, 'web.yml')];
    const scrape_configs = scrapes.map(({ target, ...job }) => ({ ...job, static_configs: [{ targets: [target] }] }));
    await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs }));
    await writeFile(webConfig, JSON.stringify(web ?? {}));
    return [`--config.file=${config}`, `--web.config.file=${webConfig}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  });
  return { ...program, url: `http://${program.host}` };
}

/** A real Pushgateway that keeps what is pushed in memory. */
export function startPushgateway(): Promise<Program> {
  return startProgram('prometheus-pushgateway', () => Promise.resolve([]));
}
