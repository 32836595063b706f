/** Layers of DESIGN: apps → libs, never app → app; pure libraries stay pure; a package is entered by its index alone. */
const io = '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads)$';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-app-to-app', severity: 'error', from: { path: '^apps/([^/]+)/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
    { name: 'no-lib-to-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    { name: 'no-code-to-test', severity: 'error', from: { path: '^(apps|libs)/', pathNot: '\\.test\\.ts$' }, to: { path: '^test/' } },
    {
      name: 'index-only',
      severity: 'error',
      comment: 'A package is entered by its index alone.',
      from: { path: '^(apps|libs|test)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^$1/$2/'] },
    },
    {
      name: 'mqtt-is-pure',
      severity: 'error',
      from: { path: '^libs/mqtt/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?buffer$' },
    },
    {
      name: 'sessions-outlive-connections',
      severity: 'error',
      comment: 'A session knows its connection by SessionLink alone.',
      from: { path: '^libs/mqtt/src/session/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '^libs/mqtt/src/connection/' },
    },
    {
      name: 'presence-is-pure',
      severity: 'error',
      from: { path: '^libs/presence/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'contracts-are-pure', severity: 'error', from: { path: '^libs/contracts/', pathNot: '\\.test\\.ts$' }, to: { path: io } },
    {
      name: 'records-know-no-owner',
      comment: 'What is on record is written for sessions, deliveries and wills alike, and read back by restoring alone.',
      from: { path: '^apps/broker/src/(records|state)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^apps/broker/src/(sessions|delivery|wills|restoring|clients|doors)/' },
    },
    {
      name: 'broker-has-no-postgres',
      severity: 'error',
      from: { path: '^apps/broker/' },
      to: { path: ['^libs/database/', 'node_modules/(pg|drizzle-orm)/'] },
    },
    {
      name: 'the-ledger-stands-alone',
      severity: 'error',
      comment: 'What judges the pipeline shares no code with it: what is wrong in both would be found by neither.',
      from: { path: '^test/chaos/ledger/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^test/chaos/ledger/', 'node_modules/(mqtt|pg|@types/pg)/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'declared-only',
      severity: 'error',
      from: { path: '^(apps|libs|test/support)/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    // The name is an alias of test/mutation/vitest.config.mjs.
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^fast-check-whole$' } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['/dist/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
