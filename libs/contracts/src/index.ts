import './date-time.js';

export * from './api/index.js';
export * from './condition-facts.js';
export * from './faults.js';
export * from './identity.js';
export * from './messages.js';
export * from './mqtt-state.js';
export * from './parse-drive.js';
export * from './presence.js';
export * from './receipt.js';
export * from './refusals.js';
export * from './topics.js';
export * from './vehicle-id.js';
