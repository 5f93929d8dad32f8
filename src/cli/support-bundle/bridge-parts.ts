import type { Config } from '../../config/config.ts';
import type { Finding } from '../../domain/finding.ts';
import { findingsText } from '../../domain/findings-text.ts';
import { toSnapshot } from '../../telemetry/status-snapshot.ts';
import { askBridge } from '../ask-bridge.ts';
import { look } from '../look.ts';
import { type BundlePart, json } from './bundle-part.ts';

/** What doctor says, for people and for programs. */
export function doctorParts(findings: readonly Finding[]): readonly BundlePart[] {
  return [
    { path: 'doctor.txt', about: 'what flexbridge doctor says', text: findingsText(findings) },
    { path: 'doctor.json', about: 'the same as data', text: json({ findings }) },
  ];
}

/** Sources, feeds and connectors as `flexbridge status --json` shows them. */
export async function statusPart(config: Config): Promise<BundlePart> {
  return {
    path: 'status.json',
    about: 'what flexbridge status --json says',
    text: json(toSnapshot(await look(config))),
  };
}

/** Of the running bridge. @throws BridgeError NOT_LIVE */
export async function metricsPart({ server }: Config): Promise<BundlePart> {
  const { status, body } = await askBridge(server, '/metrics');
  if (status !== 200) throw new Error(`the bridge answered ${status}`);
  return { path: 'metrics.txt', about: 'metrics of the running bridge', text: body };
}
