import { FEED_NAME, NAME_TOO_LONG } from './feed-operations.ts';
import { type Answer, LIMITED, NO_LOGIN, NO_OPERATOR, NOT_NOW, type Operation } from './operation.ts';

const PARTS = [
  ['file', 'Name of the file.', '^[A-Za-z0-9.-]+$'],
  ['vendor', 'Vendor of the events, as its folder in the pack is named.', '^[a-z0-9_]+$'],
  ['product', 'File of the product of the events.', '^[a-z0-9_]+\\.csv$'],
] as const;

function parameters(...names: readonly (typeof PARTS)[number][0][]): readonly object[] {
  const parts = PARTS.filter(([name]) => names.includes(name));
  const ofPath = parts.map(([name, description, pattern]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', pattern },
  }));
  return [FEED_NAME, ...ofPath, IF_NONE_MATCH];
}

const IF_NONE_MATCH = {
  name: 'if-none-match',
  in: 'header',
  description: 'The ETag of what is there already.',
  schema: { type: 'string' },
};

const REVALIDATED = ['cache-control', 'etag'] as const;

function refusals(notFound: readonly string[]): readonly Answer[] {
  return [
    { kind: 'empty', status: 304, means: 'What is there already is up to date.', headers: REVALIDATED },
    { kind: 'problem', status: 400, means: 'The URL is broken.', codes: ['FST_ERR_BAD_URL'] },
    NO_LOGIN,
    LIMITED,
    NO_OPERATOR,
    {
      kind: 'problem',
      status: 404,
      means: 'There is no such feed, or no such file in its pack.',
      codes: ['FEED_UNKNOWN', 'NOT_FOUND', ...notFound],
    },
    NAME_TOO_LONG,
    NOT_NOW,
  ];
}

function file(type: string, schema: 'PackFile' | 'PackManifest'): Answer {
  return { kind: 'data', status: 200, means: 'The file.', type, schema, headers: REVALIDATED };
}

/** The generated files for ArcSight, with everything their addresses can answer. No answer holds a secret. */
export const PACK_OPERATIONS: readonly Operation[] = [
  {
    path: '/v1/feeds/{feed}/connector.zip',
    id: 'readPack',
    summary: "A feed's pack for ArcSight as one zip file, from the running settings",
    login: 'operator',
    parameters: parameters(),
    answers: [
      {
        kind: 'data',
        status: 200,
        means: 'The pack.',
        type: 'application/zip',
        schema: 'PackZip',
        headers: [...REVALIDATED, 'content-disposition'],
      },
      ...refusals([]),
    ],
  },
  {
    path: '/v1/feeds/{feed}/connector/{file}',
    id: 'readPackFile',
    summary: 'One file of the pack; the 404 of an unknown one names those there are',
    login: 'operator',
    parameters: parameters('file'),
    answers: [
      file('text/plain', 'PackFile'),
      file('text/markdown', 'PackFile'),
      file('application/json', 'PackManifest'),
      ...refusals(['PACK_FILE_UNKNOWN']),
    ],
  },
  {
    path: '/v1/feeds/{feed}/connector/categorizer/{vendor}/{product}',
    id: 'readPackCategorizer',
    summary: 'The categorizer of the pack',
    login: 'operator',
    parameters: parameters('vendor', 'product'),
    answers: [file('text/csv', 'PackFile'), ...refusals(['PACK_FILE_UNKNOWN'])],
  },
];
