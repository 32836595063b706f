export { type BackoffOptions, backoffMs, sleep } from './backoff.js';
export { ConfigError, type ConfigProblem, commonEnv, describeConfig, parseConfig, type VariableDescription } from './config.js';
export { env, type VariableOptions } from './env.js';
export { createLogger, type Logger, type LoggerOptions } from './logger.js';
export { createMetrics, type Registry } from './metrics.js';
export { type Awaited, onceAnswered, WaitEnded } from './once-answered.js';
export { type AppContext, type AppDefinition, type RunningApp, runApp } from './run-app.js';
export { createStatusServer, type ReadinessCheck, type StatusServer, type StatusServerOptions } from './status-server.js';
export { within } from './within.js';
