import { TemplateError } from '../../template/template-error.ts';
import { translateGoTemplate } from '../../template/go/translate.ts';
import type { Path } from '../locate.ts';
import type { Report } from './report.ts';

/** A Go template in our words; where that cannot be, the report says why, and the text stays as it was. */
export function translateText(source: unknown, place: 'patch' | 'query', path: Path, report: Report): unknown {
  if (typeof source !== 'string') return source;
  try {
    return translateGoTemplate(source, place);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    report.findings.push({ path, message: `this Go template cannot be translated: ${error.message}`, textLine: error.line });
    return source;
  }
}
