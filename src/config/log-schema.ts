import { type Static, Type } from 'typebox';
import { LOG_FORMATS, LOG_LEVELS } from '../domain/log-settings.ts';
import { CLOSED, noFile } from './schema-keys.ts';

export const LogSchema = Type.Object(
  {
    level: Type.Enum([...LOG_LEVELS], {
      description:
        'From which level on lines are written: `error` a person must act, `warn` degraded and healing itself, `info` lifecycle and one line a poll of Microsoft, `debug` each request.',
      default: 'info',
    }),
    format: Type.Enum([...LOG_FORMATS], {
      description:
        '`json` one JSON object a line, `pretty` lines for people, `auto` pretty on a terminal and else json.',
      default: 'auto',
    }),
    auditFile: noFile(
      'File to which every line of the audit trail is appended as JSON (mode 0600): sign-ins, wrong logins, tokens, connectors, replays, reloads. After a rotation it is made anew; no signal is needed.',
    ),
  },
  { ...CLOSED, description: 'What is logged on standard output, and the audit file.', default: {} },
);

export type LogSettings = Static<typeof LogSchema>;
