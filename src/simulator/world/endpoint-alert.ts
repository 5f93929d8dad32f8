import type { GraphAlert, GraphEvidence } from './graph-alert.ts';

/** Whether Defender for Endpoint made the alert: only those are in its own API and in the SIEM exporter. */
export function isEndpointAlert({ id, serviceSource }: GraphAlert): boolean {
  return id.startsWith('da') && serviceSource === 'microsoftDefenderForEndpoint';
}

/** `process` for `#microsoft.graph.security.processEvidence`. */
export function evidenceType(item: GraphEvidence): string {
  return /\.([^.]+?)(?:Evidence)?$/.exec(item['@odata.type'])?.[1] ?? '';
}

/** The device an alert is about: the compromised one, wherever it stands in the list, else the first. */
export function firstDevice({ evidence = [] }: GraphAlert): GraphEvidence | null {
  const devices = evidence.filter((item) => evidenceType(item) === 'device');
  return devices.find(({ roles = [] }) => roles.includes('compromised')) ?? devices[0] ?? null;
}

/** A member that is an object; empty when it is not. */
export function member(from: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = from[name];
  return isObject(value) ? value : {};
}

/** A member that is a text; null when it is not. */
export function textOf(from: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = from[name];
  return typeof value === 'string' ? value : null;
}

/** A member that is a number; null when it is not. */
export function numberOf(from: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = from[name];
  return typeof value === 'number' ? value : null;
}

/** Objects of a list; empty when it is none. */
export function objectsOf(
  from: Readonly<Record<string, unknown>>,
  name: string,
): readonly Readonly<Record<string, unknown>>[] {
  const value = from[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
