import { describe, expect, it } from 'vitest';
import { renderInstallGuide, wizardAnswers } from '../../../src/connector/install-guide.ts';

const SETTINGS = {
  feed: 'contoso',
  publicUrl: 'https://bridge.example:8443/',
  connectorName: 'arcsight-07',
  caFile: 'our-ca.pem',
};
const GUIDE = renderInstallGuide(SETTINGS);

describe('wizardAnswers', () => {
  it('answers every field that the wizard is known or believed to have', () => {
    const answers = Object.fromEntries(wizardAnswers(SETTINGS).map(({ field, answer }) => [field, answer]));
    expect(answers).toMatchObject({
      Type: 'ArcSight FlexConnector REST',
      'Configuration File': 'contoso',
      'Events URL': 'https://bridge.example:8443/v1/feeds/contoso/detections?since=$START_AT_TIME',
      'Authentication Type': 'Basic',
      'User name': 'arcsight-07',
    });
    expect(Object.keys(answers)).toEqual(
      expect.arrayContaining(['Password', 'OAuth2 Client Properties File', 'Refresh Token']),
    );
  });

  it('marks what no public document says', () => {
    const unsourced = wizardAnswers(SETTINGS).filter(({ certainty }) => certainty === 'unsourced');
    expect(unsourced.map(({ field }) => field)).toEqual(['Authentication Type', 'User name', 'Password']);
  });
});

describe('renderInstallGuide', () => {
  it('prints every wizard answer', () => {
    for (const { field, answer } of wizardAnswers(SETTINGS)) {
      expect(GUIDE).toMatch(new RegExp(`^\\| ${escaped(field)}.* \\| \`?${escaped(answer)}\`? \\|`, 'm'));
    }
  });

  it('marks the guessed wizard fields and the certificate store in plain words', () => {
    expect(GUIDE).toContain('| Authentication Type (no public source) | `Basic` |');
    expect(GUIDE).toMatch(/^## 3\..*\(no public source\)$/m);
    expect(GUIDE).toContain('* **(no public source)**: ');
    expect(GUIDE).toContain('* **(inferred)**: ');
  });

  it('says where the parser goes on Windows and on Linux', () => {
    expect(GUIDE).toContain('`%ARCSIGHT_HOME%\\user\\agent\\flexagent\\contoso.jsonparser.properties`');
    expect(GUIDE).toContain('`$ARCSIGHT_HOME/user/agent/flexagent/contoso.jsonparser.properties`');
  });

  it('imports the certificate by its name on both systems', () => {
    expect(GUIDE.match(/keytool" -importcert -alias flexbridge -file our-ca\.pem -keystore /g)).toHaveLength(2);
  });

  it('says how to see events arrive, and where the password is', () => {
    expect(GUIDE).toContain('`deviceVendor = Microsoft` and `deviceProduct = Microsoft Defender ATP`');
    expect(GUIDE).toContain('`flexbridge doctor`');
    expect(GUIDE).toContain('`initial-credentials`');
  });

  it('goes from need to upgrade in numbered steps that other lines may name', () => {
    const steps = [...GUIDE.matchAll(/^## (\d)\. /gm)].map(([, number]) => Number(number));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('is pure ASCII and writes no doubled slash into an address', () => {
    expect(GUIDE).toMatch(/^[\n\x20-\x7e]+\n$/);
    expect(GUIDE).not.toMatch(/8443\/\//);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
