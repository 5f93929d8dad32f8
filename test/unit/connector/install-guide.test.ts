import { describe, expect, it } from 'vitest';
import { wizardAnswers } from '../../../src/connector/guide/wizard-answers.ts';
import { renderInstallGuide } from '../../../src/connector/install-guide.ts';
import { DEFAULT_CHOICES } from '../../../src/domain/arcsight-choices.ts';
import { PACK_LOGINS, packSettings } from '../../support/pack-settings.ts';

const SETTINGS = packSettings({ feed: 'contoso', publicUrl: 'https://bridge.example:8443/' });
const GUIDE = renderInstallGuide(SETTINGS);
const LOGINS = Object.values(PACK_LOGINS);
const EVENTS_URL = 'https://bridge.example:8443/v1/feeds/contoso/detections';

function answersOf(login: (typeof LOGINS)[number]): Readonly<Record<string, string>> {
  return Object.fromEntries(wizardAnswers({ ...SETTINGS, login }).map(({ field, answer }) => [field, answer]));
}

describe('wizardAnswers', () => {
  it('answers every field of the OAuth2 form, as every public guide shows it', () => {
    expect(answersOf(PACK_LOGINS.oauth2)).toEqual({
      Type: 'ArcSight FlexConnector REST',
      'Configuration File': 'contoso',
      'Events URL': `${EVENTS_URL}?since=$START_AT_TIME`,
      'Authentication Type': 'OAuth2',
      'OAuth2 Client Properties File': '$ARCSIGHT_HOME/user/agent/flexagent/contoso.properties',
      'Refresh Token': '(the token of step 2)',
      'Every other field of this form': '(leave empty)',
    });
    expect(wizardAnswers(SETTINGS).every(({ certainty }) => certainty === 'documented')).toBe(true);
  });

  it('marks what no public document says of Basic', () => {
    expect(answersOf(PACK_LOGINS.basic)).toMatchObject({
      'Authentication Type': 'Basic',
      'User name': 'arcsight-07',
      'Refresh Token': '(leave empty)',
    });
    const unsourced = wizardAnswers({ ...SETTINGS, login: PACK_LOGINS.basic }).filter(
      ({ certainty }) => certainty === 'unsourced',
    );
    expect(unsourced.map(({ field }) => field)).toEqual(['Authentication Type', 'User name', 'Password']);
  });

  it('has the place of the key in the Events URL where the key is the login', () => {
    expect(answersOf(PACK_LOGINS.urlKey)['Events URL']).toBe(
      `${EVENTS_URL}?key=PUT-THE-URL-KEY-HERE&since=$START_AT_TIME`,
    );
    expect(answersOf(PACK_LOGINS.mtls)['Events URL']).toBe(`${EVENTS_URL}?since=$START_AT_TIME`);
  });
});

describe('renderInstallGuide', () => {
  it.each(LOGINS)('prints every wizard answer for $kind', (login) => {
    const guide = renderInstallGuide({ ...SETTINGS, login });
    for (const { field, answer } of wizardAnswers({ ...SETTINGS, login })) {
      expect(guide).toMatch(new RegExp(`^\\| ${escaped(field)}.* \\| \`?${escaped(answer)}\`? \\|`, 'm'));
    }
  });

  it.each(LOGINS)('shows the four kinds in the same order and names the one of the pack, for $kind', (login) => {
    const guide = renderInstallGuide({ ...SETTINGS, login });
    const kinds = [...guide.matchAll(/^### (OAuth2|Basic|Mutual TLS|URL key)(.*)$/gm)];
    expect(kinds.map(([, kind]) => kind)).toEqual(['OAuth2', 'Basic', 'Mutual TLS', 'URL key']);
    const mine = kinds.filter(([, , rest]) => rest?.endsWith('(your login)'));
    expect(mine.map(([, kind]) => kind)).toEqual([
      { oauth2: 'OAuth2', basic: 'Basic', mtls: 'Mutual TLS', urlKey: 'URL key' }[login.kind],
    ]);
  });

  it('puts the pasted refresh token before the browser', () => {
    const pasted = GUIDE.indexOf('flexbridge token create --connector arcsight-07');
    expect(pasted).toBeGreaterThan(0);
    expect(GUIDE.indexOf('https://bridge.example:8443/oauth2/authorize')).toBeGreaterThan(pasted);
    expect(GUIDE).toContain('`https://localhost:44300/flexbridge`');
    expect(GUIDE).toContain('`arcsight restutil token -config PATH`');
  });

  it('has the log lines of a fatal refresh, and their cure', () => {
    const row = GUIDE.split('\n').find((line) => line.includes('Could not refresh the access token')) ?? '';
    expect(row).toContain('Failed to refresh the token. Set reauthenticate to true');
    expect(row).toContain('status=HTTP/1.1 400 Bad Request');
    expect(row).toContain('flexbridge token create --connector arcsight-07');
    expect(row).toContain('`reauthenticate=true` in `contoso.properties`');
  });

  it('warns of the URL key, and marks what is guessed', () => {
    expect(GUIDE).toMatch(/### URL key[^#]*\*\*Warning:\*\*[^#]*agent\.properties[^#]*logs/);
    expect(GUIDE).toMatch(/^## 4\..*\(no public source\)$/m);
    expect(GUIDE).toContain('### Basic: believed to exist, not documented in public');
    expect(GUIDE).toContain('* **(no public source)**: ');
    expect(GUIDE).toContain('* **(inferred)**: ');
    expect(renderInstallGuide({ ...SETTINGS, login: PACK_LOGINS.basic })).toContain(
      '| Authentication Type (no public source) | `Basic` |',
    );
  });

  it('says where each file goes on Windows and on Linux', () => {
    expect(GUIDE).toContain('`%ARCSIGHT_HOME%\\user\\agent\\flexagent\\contoso.jsonparser.properties`');
    expect(GUIDE).toContain('`$ARCSIGHT_HOME/user/agent/flexagent/contoso.properties`');
    expect(GUIDE).toContain('`$ARCSIGHT_HOME/user/agent/acp/categorizer/current/microsoft/microsoft_defender_atp.csv`');
    expect(renderInstallGuide({ ...SETTINGS, login: PACK_LOGINS.basic })).toContain(
      '| `contoso.properties` | not needed with this login |',
    );
  });

  it('imports the certificate by its name on both systems', () => {
    expect(GUIDE.match(/keytool" -importcert -alias flexbridge -file flexbridge-ca\.pem -keystore /g)).toHaveLength(2);
    const caPem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    // The alias that install takes: the beginning of the fingerprint.
    expect(renderInstallGuide({ ...SETTINGS, caPem }).match(/ -alias flexbridge-709e80c8 -file /g)).toHaveLength(2);
  });

  it('has the fingerprint of the certificate in the pack, or says where to get one', () => {
    expect(GUIDE).toContain('There is no certificate in this pack');
    expect(GUIDE).toContain('`tls/ca.pem`');
    const caPem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const guide = renderInstallGuide({ ...SETTINGS, caPem });
    // SHA-256 of three zero bytes.
    expect(guide).toContain(
      '70:9E:80:C8:84:87:A2:41:1E:1E:E4:DF:B9:F2:2A:86:14:92:D2:0C:47:65:15:0C:0C:79:4A:BD:70:F8:14:7C',
    );
    expect(guide).not.toContain('There is no certificate in this pack');
  });

  it('has nothing to trust where the bridge is reached by plain http', () => {
    const guide = renderInstallGuide({ ...SETTINGS, publicUrl: 'http://localhost:8080' });
    expect(guide).toContain('## 4. Trust\n\nNothing to do');
    expect(guide).not.toContain('keytool');
  });

  it('says how to see events arrive, also under another product name', () => {
    expect(GUIDE).toContain('`deviceVendor = Microsoft` and `deviceProduct = Microsoft Defender ATP`');
    const choices = { ...DEFAULT_CHOICES, deviceProduct: 'Contoso EDR' };
    expect(renderInstallGuide({ ...SETTINGS, choices })).toContain('`deviceProduct = Contoso EDR`');
    expect(GUIDE).toContain('`flexbridge doctor`');
    expect(GUIDE).toContain('`initial-credentials`');
  });

  it.each(LOGINS)('goes in numbered steps that its lines may name, for $kind', (login) => {
    const guide = renderInstallGuide({ ...SETTINGS, login });
    const steps = [...guide.matchAll(/^## (\d)\. /gm)].map(([, number]) => Number(number));
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(guide).toMatch(/^[\n\x20-\x7e]+\n$/);
    expect(guide).not.toMatch(/8443\/\//);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
