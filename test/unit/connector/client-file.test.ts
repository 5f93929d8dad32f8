import { getProperties } from 'properties-file';
import { describe, expect, it } from 'vitest';
import { renderClientFile } from '../../../src/connector/client-file.ts';

describe('renderClientFile', () => {
  it('has every key of the connector, with the addresses of the bridge', () => {
    expect(
      getProperties(renderClientFile({ feed: 'contoso', publicUrl: 'https://bridge.example:8443', clientId: 'abc' })),
    ).toEqual({
      client_id: 'abc',
      client_secret: 'PUT-THE-CLIENT-SECRET-HERE',
      auth_url: 'https://bridge.example:8443/oauth2/authorize',
      token_url: 'https://bridge.example:8443/oauth2/token',
      redirect_uri: 'http://localhost:44300/flexbridge',
      scope: '',
      reauthenticate: 'false',
    });
  });

  it('writes a placeholder for a client id that is not known yet', () => {
    const file = getProperties(renderClientFile({ feed: 'contoso', publicUrl: 'https://bridge.example/arcsight/' }));
    expect(file['client_id']).toBe('PUT-THE-CLIENT-ID-HERE');
    expect(file['token_url']).toBe('https://bridge.example/arcsight/oauth2/token');
  });

  it('says that the bridge does not answer these addresses yet', () => {
    const text = renderClientFile({ feed: 'contoso', publicUrl: 'https://bridge.example' });
    expect(text).toContain('# NOT NEEDED YET. The bridge does not yet answer these two URLs; choose Basic.\n');
    expect(text).toMatch(/^[\n\x20-\x7e]+\n$/);
  });
});
