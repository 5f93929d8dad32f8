/**
 * The dependency direction of the design, as rules:
 * cli -> bridge -> {http, collector, connector, telemetry, config}; http -> feed, connector, domain;
 * collector -> domain and ports; defender -> domain; store -> domain; domain -> nothing.
 */
const PORTS =
  '^src/(defender/source|store/(access-store|detection-store|event-browser|feed-pages|errands|history|login-failures|measures|upkeep))\\.ts$';

/** A folder may import itself and what is listed, nothing else of src/. */
function only(folder, allowed) {
  return {
    name: `${folder}-imports-only`,
    severity: 'error',
    comment: `src/${folder} may import only itself${allowed.length > 0 ? ` and ${allowed.join(', ')}` : ''} (design: dependency direction)`,
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed] },
  };
}

/** A package belongs to one folder. */
function owned(name, packages, folder) {
  return {
    name,
    severity: 'error',
    comment: `only ${folder} may import ${packages}`,
    from: { path: '^src/', pathNot: folder },
    to: { path: `node_modules/(${packages})/` },
  };
}

module.exports = {
  forbidden: [
    only('domain', []),
    only('defender', ['^src/domain/']),
    only('store', ['^src/domain/']),
    only('feed', ['^src/domain/', PORTS]),
    only('collector', ['^src/domain/', PORTS]),
    only('connector', ['^src/domain/']),
    only('telemetry', ['^src/domain/', PORTS]),
    only('config', ['^src/domain/']),
    only('http', ['^src/domain/', '^src/feed/', '^src/connector/', PORTS]),
    only('simulator', ['^src/domain/', '^src/http/tls/']),
    {
      name: 'interpreter-is-independent',
      severity: 'error',
      comment: 'the reader of the parser file must not know the table that wrote it',
      from: { path: '^src/connector/(interpreter/|poller|poll-result|feed-login|feed-request|connector-time)' },
      to: {
        path: [
          '^src/domain/field',
          '^src/domain/event-class',
          '^src/connector/(?!interpreter/|poller|poll-result|feed-login|feed-request|connector-time)',
        ],
      },
    },
    {
      name: 'nothing-imports-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', '^src/main\\.ts$'] },
      to: { path: '^src/cli/' },
    },
    {
      name: 'only-cli-imports-bridge',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', '^src/bridge'] },
      to: { path: '^src/bridge' },
    },
    owned('undici-and-msal', 'undici|@azure/msal-node', '^src/defender/'),
    owned('sql-drivers', 'better-sqlite3|pg|kysely', '^src/store/'),
    owned('prometheus', 'prom-client', '^src/telemetry/'),
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node'],
    },
  },
};
