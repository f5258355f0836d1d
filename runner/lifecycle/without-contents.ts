import type { JsonObject } from '../model/experiment.ts';
import type { RenderedTrial } from '../model/trial.ts';

/** The trial without what its ConfigMaps hold, which may be far larger than all the rest. */
export function withoutContents(rendered: RenderedTrial): RenderedTrial {
  const { setup, files } = rendered;
  return {
    ...rendered,
    ...(setup && { setup: { ...setup, configMaps: setup.configMaps.map(stripContent) } }),
    ...(files && { files: stripContent(files) }),
  };
}

function stripContent({ data: _data, binaryData: _binaryData, ...rest }: JsonObject): JsonObject {
  return { ...rest, omitted: true };
}
