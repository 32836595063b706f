import { type VehicleId, vehicleRoutes } from '@milepost/contracts';
import type { Route } from '../../clients/access.js';

const ROUTES: ReadonlyMap<string, Route> = new Map(Object.entries(vehicleRoutes));
const READABLE = ['commands', 'config'] as const;

/** What one vehicle may publish and subscribe to (DESIGN "MQTT topics"): nothing outside `fleet/{its id}/`. */
export class VehicleTopics {
  private readonly prefix: string;

  constructor(vehicleId: VehicleId) {
    this.prefix = `fleet/${vehicleId}/`;
  }

  /** Where a message goes; undefined: the vehicle may not publish it. */
  routeOf(topic: string): Route | undefined {
    return topic.startsWith(this.prefix) ? ROUTES.get(topic.slice(this.prefix.length)) : undefined;
  }

  /** `commands/#` and `config/#`, and anything that these contain. */
  maySubscribe(filter: string): boolean {
    if (!filter.startsWith(this.prefix)) return false;
    const rest = filter.slice(this.prefix.length);
    return READABLE.some((branch) => rest === branch || rest.startsWith(`${branch}/`));
  }
}
