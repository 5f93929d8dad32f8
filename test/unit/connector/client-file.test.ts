import { getProperties } from 'properties-file';
import { describe, expect, it } from 'vitest';
import { renderClientFile } from '../../../src/connector/client-file.ts';
import { PACK_LOGINS } from '../../support/pack-settings.ts';

const SETTINGS = { feed: 'contoso', publicUrl: 'https://bridge.example/arcsight/', login: PACK_LOGINS.oauth2 };

describe('renderClientFile', () => {
  it('has every key of the connector, with the addresses of the bridge and the client of the login', () => {
    expect(getProperties(renderClientFile(SETTINGS))).toEqual({
      client_id: 'client-7',
      client_secret: 'PUT-THE-CLIENT-SECRET-HERE',
      auth_url: 'https://bridge.example/arcsight/oauth2/authorize',
      token_url: 'https://bridge.example/arcsight/oauth2/token',
      redirect_uri: 'https://localhost:44300/flexbridge',
      scope: '',
      reauthenticate: 'false',
    });
  });

  it('holds a secret only when it was given one', () => {
    const file = getProperties(renderClientFile({ ...SETTINGS, clientSecret: 'a\\b' }));
    expect(file['client_secret']).toBe('a\\b');
  });

  it.each([PACK_LOGINS.basic, PACK_LOGINS.mtls, PACK_LOGINS.urlKey])(
    'is marked as not used where the login is of kind $kind, and complete all the same',
    (login) => {
      const text = renderClientFile({ ...SETTINGS, login });
      expect(text).toContain('# Not used: the login "arcsight-07" is of another kind.');
      expect(getProperties(text)).toMatchObject({
        client_id: 'PUT-THE-CLIENT-ID-HERE',
        redirect_uri: 'http://localhost:44300/flexbridge',
      });
    },
  );

  it('no longer warns that the bridge does not answer', () => {
    const text = renderClientFile(SETTINGS);
    expect(text).not.toMatch(/NOT NEEDED|Not used/);
    expect(text).toMatch(/^[\n\x20-\x7e]+\n$/);
  });
});
