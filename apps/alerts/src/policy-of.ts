import { defaultPolicy, type PolicyOf } from '@milepost/presence';
import type { AlertsConfig } from './config.js';

/** One policy for everybody, from the configuration. */
export function policyFrom(config: AlertsConfig): PolicyOf {
  const policy = {
    ...defaultPolicy,
    graceMs: config.OFFLINE_GRACE_MS,
    nodeGraceMs: config.NODE_GRACE_MS,
    silentAfterMs: config.SILENT_AFTER_MS,
    requiresWill: config.REQUIRES_WILL,
  };
  return () => policy;
}
