export { isAddressAllowed } from './address.js';
export { type AllowList, isListed, parseAllowList } from './allow-list.js';
export { checkCustomHeaders, type HeaderRefusal, type HeadersVerdict } from './custom-headers.js';
export { createGuardedAgent, type GuardedAgentOptions, OutboundRefusedError } from './guarded-agent.js';
export { type SignedMessage, signatureHeaders } from './sign.js';
export { webhookEnv } from './webhook-env.js';
export { type WebhookFormat, type WebhookMessage, type WebhookRequest, webhookRequest } from './webhook-request.js';
export { checkWebhookUrl, type UrlRefusal, type UrlVerdict } from './webhook-url.js';
