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
