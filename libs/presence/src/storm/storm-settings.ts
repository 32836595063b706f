import type { IncidentLimits } from './incident-course.js';

/** What the storm guard is configured with. */
export interface StormSettings {
  /** More than so many vehicles lost at once (and more than a tenth of those connected) are one incident. */
  minimum: number;
  limits: IncidentLimits;
}
