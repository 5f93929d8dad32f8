import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { readClientCredentials } from '../../../../src/http/oauth/client-credentials.ts';

function read(authorization: string | undefined, form: Readonly<Record<string, string>>) {
  const request: Pick<FastifyRequest, 'headers'> = { headers: authorization === undefined ? {} : { authorization } };
  return readClientCredentials(request as FastifyRequest, new Map(Object.entries(form)));
}

const BASIC = `Basic ${Buffer.from('id:secret:with-colon').toString('base64')}`;
const FORM = { client_id: 'id', client_secret: 'secret:with-colon' };

describe('the credentials of a client', () => {
  it('are those of the header, of the form, or of both where they agree', () => {
    const shown = { kind: 'shown', clientId: 'id', secret: 'secret:with-colon' };
    expect(read(BASIC, {})).toEqual({ ...shown, by: 'header' });
    expect(read(undefined, FORM)).toEqual({ ...shown, by: 'body' });
    expect(read(BASIC, FORM)).toEqual({ ...shown, by: 'header' });
    expect(read(BASIC, { client_id: 'id' })).toEqual({ ...shown, by: 'header' });
  });

  it('of the header are also read as a client writes them that encodes them as RFC 6749 2.3.1 asks', () => {
    const header = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    const encoded = header('my%7Eid', 'a+b%2Bc%3A%25');
    const shown = { kind: 'shown', clientId: 'my~id', secret: 'a+b%2Bc%3A%25', decoded: 'a b+c:%', by: 'header' };
    expect(read(encoded, {})).toEqual(shown);
    expect(read(encoded, { client_id: 'my~id', client_secret: 'a b+c:%' })).toEqual(shown);
    expect(read(encoded, { client_secret: 'a+b%2Bc%3A%25' })).toEqual(shown);
    expect(read(encoded, { client_secret: 'other' }).kind).toBe('contradictory');
    expect(read(header('id', '50%'), {})).toEqual({ kind: 'shown', clientId: 'id', secret: '50%', by: 'header' });
  });

  it('contradict themselves where header and form differ', () => {
    expect(read(BASIC, { client_id: 'other' }).kind).toBe('contradictory');
    expect(read(BASIC, { client_secret: 'other' }).kind).toBe('contradictory');
  });

  it('are missing where a part is missing', () => {
    expect(read(undefined, { client_id: 'id' })).toEqual({ kind: 'missing', clientId: 'id' });
    expect(read(undefined, { client_secret: 's' })).toEqual({ kind: 'missing', clientId: '' });
    expect(read(undefined, {})).toEqual({ kind: 'missing', clientId: '' });
  });

  it('are not looked for in a header of another scheme', () => {
    expect(read('Bearer abc', FORM)).toMatchObject({ kind: 'shown', by: 'body' });
    expect(read('Basic ???', { client_id: 'id' })).toEqual({ kind: 'missing', clientId: 'id' });
  });
});
