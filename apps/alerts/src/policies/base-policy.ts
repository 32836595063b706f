import type { PolicySettings } from '@milepost/contracts';
import type { AlertsConfig } from '../config.js';

/** What the configuration says for everybody. */
export function basePolicy(config: AlertsConfig): PolicySettings {
  return {
    graceSeconds: config.OFFLINE_GRACE_MS / 1_000,
    nodeGraceSeconds: config.NODE_GRACE_MS / 1_000,
    silentAfterSeconds: config.SILENT_AFTER_MS / 1_000,
    requiresWill: config.REQUIRES_WILL,
  };
}
