export { isAddressAllowed } from './address.js';
export { type AllowList, isListed, parseAllowList } from './allow-list.js';
export { createGuardedAgent, type GuardedAgentOptions, OutboundRefusedError } from './guarded-agent.js';
export { webhookEnv } from './webhook-env.js';
export { checkWebhookUrl, type UrlRefusal, type UrlVerdict } from './webhook-url.js';
