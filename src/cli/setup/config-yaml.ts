import type { Answers } from './answers.ts';
import { hostAnswers } from './tenant-questions.ts';
import { yamlValue } from './yaml-value.ts';

/** Column at which the comments stand. */
const COMMENT_COLUMN = 58;

/**
 * Text of a whole `flexbridge.yaml`, with a comment where a choice was made. The same answers give the same bytes.
 * @param secretFile where the client secret is, as it is to stand in the file; empty for another credential
 */
export function configYaml(answers: Answers, secretFile: string): string {
  return [
    '# Written by flexbridge setup. docs/configuration.md has every key; flexbridge check says what is wrong with it.',
    ...serverLines(answers),
    '',
    'tenants:',
    ...tenantLines(answers, secretFile),
    '',
    'feeds:',
    '  - name: default',
    line(4, 'detections', answers.detections ?? '', 'perEvidence, or perAlert for one event an alert'),
    line(4, 'layout', answers.layout ?? '', "microsoft, or esm for where ESM's content expects the victim"),
    ...filterLines(answers),
    '',
  ].join('\n');
}

function serverLines({
  host,
  port,
  publicUrl,
  login,
  certificate,
  serverCertificate,
  serverKey,
}: Answers): readonly string[] {
  return [
    'server:',
    line(2, 'host', host ?? '', '0.0.0.0 listens on every address of this machine'),
    `  port: ${Number(port)}`,
    line(2, 'publicUrl', publicUrl ?? '', 'as the connectors reach it; certificate and pack are made for it'),
    ...(login === 'urlKey' ? ['  urlKeys: true'] : []),
    ...(certificate === 'files'
      ? ['  tls:', line(4, 'certFile', serverCertificate ?? ''), line(4, 'keyFile', serverKey ?? '')]
      : []),
  ];
}

/** One item of the list `tenants`. */
export function tenantLines(answers: Answers, secretFile: string): readonly string[] {
  const { tenantName, tenantId, cloud, region, caFile, proxy, api } = answers;
  const hosts = hostAnswers(answers);
  return [
    withComment(`  - name: ${yamlValue(tenantName ?? '')}`, 'appears in the events as deviceFacility'),
    line(4, 'tenantId', tenantId ?? ''),
    line(4, 'cloud', cloud ?? ''),
    ...given('region', region),
    ...(hosts.length === 0 ? [] : ['    endpoints:', ...hosts.map(([name, url]) => line(6, name, url))]),
    ...given('caFile', caFile),
    ...(proxy === 'off'
      ? ['    proxy: off']
      : proxy === undefined || proxy === ''
        ? []
        : ['    proxy:', line(6, 'url', proxy)]),
    '    credential:',
    ...credentialLines(answers, secretFile),
    '    sources:',
    `      - api: ${yamlValue(api ?? '')}`,
  ];
}

function credentialLines(answers: Answers, secretFile: string): readonly string[] {
  const { credential, clientId, secretExpires, clientCertificate, clientKey, passphraseFile, tokenFile } = answers;
  return [
    line(6, 'kind', credential ?? ''),
    ...given('clientId', clientId, 6),
    ...given('secretFile', credential === 'secret' ? secretFile : '', 6),
    ...given('expires', secretExpires, 6),
    ...given('certificateFile', clientCertificate, 6),
    ...given('keyFile', clientKey, 6),
    ...given('passphraseFile', passphraseFile, 6),
    ...given('tokenFile', tokenFile, 6),
    ...given('endpoint', answers.identityEndpoint, 6),
  ];
}

function filterLines({ minSeverity = 'Informational' }: Answers): readonly string[] {
  return minSeverity === 'Informational' ? [] : ['    filter:', line(6, 'minSeverity', minSeverity)];
}

function given(key: string, value: string | undefined, indent = 4): readonly string[] {
  return value === undefined || value === '' ? [] : [line(indent, key, value)];
}

function line(indent: number, key: string, value: string, comment?: string): string {
  const text = `${' '.repeat(indent)}${key}: ${yamlValue(value)}`;
  return comment === undefined ? text : withComment(text, comment);
}

function withComment(text: string, comment: string): string {
  return `${text.padEnd(COMMENT_COLUMN)} # ${comment}`;
}
