import { isSeq, parseDocument } from 'yaml';
import { BridgeError } from '../../domain/errors.ts';
import type { Answers } from './answers.ts';
import { tenantLines } from './config-yaml.ts';

/**
 * The text of a configuration with one more tenant at the end of its list; what stands there keeps its words and comments.
 * @throws BridgeError SETUP_NO_TENANTS where there is no list to extend
 */
export function extendedYaml(text: string, answers: Answers, secretFile: string): string {
  const document = parseDocument(text, { version: '1.2' });
  const tenants = document.get('tenants');
  const added = parseDocument(['tenants:', ...tenantLines(answers, secretFile), ''].join('\n'), { version: '1.2' });
  const list = added.get('tenants');
  if (document.errors.length > 0 || !isSeq(tenants) || !isSeq(list)) throw noTenants();
  for (const item of list.items) tenants.add(item);
  return document.toString({ lineWidth: 0 });
}

function noTenants(): BridgeError {
  return new BridgeError({
    code: 'SETUP_NO_TENANTS',
    kind: 'operator',
    message: 'the configuration file has no list of tenants that another one could be put into',
    hint: 'Correct the file (flexbridge check says what is wrong with it), or make a new one: flexbridge setup --force keeps the old one as .bak.',
  });
}
