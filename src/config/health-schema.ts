import { Type } from 'typebox';
import { CLOSED } from './schema-keys.ts';

export const HealthSchema = Type.Object(
  {
    host: Type.String({
      description: 'Address to listen on.',
      default: '127.0.0.1',
      pattern: '^[A-Za-z0-9_.:-]+$',
      'x-expects': 'an IP address or a host name',
    }),
    port: Type.Integer({
      description: 'Port to listen on.',
      minimum: 1,
      maximum: 65535,
      'x-expects': 'a port from 1 to 65535',
    }),
    exposed: Type.Boolean({
      description:
        'Whether `host` may be another than a loopback address. Whoever reaches the port reads the names of tenants and connectors, and how they are doing.',
      default: false,
      'x-expects': 'true or false',
    }),
  },
  CLOSED,
);
