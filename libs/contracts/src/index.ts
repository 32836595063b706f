import './date-time.js';
import './time-of-day.js';

export * from './api/index.js';
export * from './condition-facts.js';
export * from './faults.js';
export * from './identity.js';
export * from './messages.js';
export * from './mqtt-state.js';
export * from './organisation.js';
export * from './parse-drive.js';
export * from './presence.js';
export * from './receipt.js';
export * from './refusals.js';
export * from './topics.js';
export {
  jsonPointer,
  MAX_VALIDATION_ERRORS,
  type ValidationError,
  type ValidationFault,
  validationFaults,
  validationMessage,
} from './validation/validation-faults.js';
export * from './vehicle-id.js';
