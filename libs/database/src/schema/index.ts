export * from './alerts.js';
export * from './api-keys.js';
export * from './foundation.js';
export * from './policies.js';
export * from './presence-history.js';
export * from './telemetry.js';
export * from './vehicle-groups.js';
export * from './webhooks.js';
