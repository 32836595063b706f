import { DEFAULT_ROUTER_LIMITS, type RouterLimits } from '@milepost/mqtt';
import type { TakeOverLimits } from '../../clients/take-over-limiter.js';

/**
 * A suite asks what the specification allows, not what one client should have: one SUBSCRIBE may hold thousands of filters,
 * and a filter as many levels as its 65,535 bytes can (MQTT 5.0 §4.7.3).
 */
export const SUITE_LIMITS: RouterLimits = {
  ...DEFAULT_ROUTER_LIMITS,
  maxSubscriptionsPerSubscriber: 10_000,
  maxFilterLevels: 65_536,
  maxFilterBytesPerSubscriber: 8 * 1024 * 1024,
};

/** A suite may use one client identifier in all of its tests, and leave connections open (MQTT-3.1.4-3). */
export const SUITE_TAKE_OVERS: TakeOverLimits = { maxTakeOvers: Number.POSITIVE_INFINITY, windowMs: 1_000, refusedMs: 0 };
