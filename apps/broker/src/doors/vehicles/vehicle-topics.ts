import { type VehicleId, vehicleRoutes } from '@milepost/contracts';
import type { Route } from '../../clients/access.js';

const ROUTES: ReadonlyMap<string, Route> = new Map(Object.entries(vehicleRoutes));
const PASSING_ROUTES: ReadonlyMap<string, Route> = new Map([...ROUTES].map(([name, route]) => [name, { ...route, retainable: false }]));
const READABLE = ['commands', 'config'] as const;

/** What one vehicle may publish and subscribe to (DESIGN "MQTT topics"): nothing outside `fleet/{its id}/`. */
export class VehicleTopics {
  private readonly prefix: string;
  /** The topic asked for last, and what became of it: a vehicle repeats its topic, and each message asks twice. */
  private last: { readonly topic: string; readonly route: Route } | undefined;

  /**
   * `alone` false: several processes have the vehicles, and none hears of what is published at another. Nothing is retained then, and
   * nobody may subscribe: what would never come is not promised.
   */
  constructor(
    private readonly vehicleId: VehicleId,
    private readonly alone = true,
  ) {
    this.prefix = `fleet/${vehicleId}/`;
  }

  /** Where a message goes; undefined: the vehicle may not publish it. */
  routeOf(topic: string): Route | undefined {
    if (this.last?.topic === topic) return this.last.route;
    const route = topic.startsWith(this.prefix) ? (this.alone ? ROUTES : PASSING_ROUTES).get(topic.slice(this.prefix.length)) : undefined;
    // What a vehicle may not publish is not kept: such a topic can be of any length.
    if (route !== undefined) this.last = { topic, route };
    return route;
  }

  /** Three mistakes that are made: a topic of another kind, another vehicle's, a word that is none of ours. */
  whyNoRoute(topic: string): string {
    const [root, id] = topic.split('/', 2);
    const kinds = [...ROUTES.keys()].join(', ');
    if (root !== 'fleet') return `A vehicle publishes below ${this.prefix} alone: ${kinds}.`;
    if (id !== this.vehicleId) return `The topic is another vehicle's: the certificate of this connection says ${this.vehicleId}.`;
    return `Below ${this.prefix} there are ${kinds} to publish to, and nothing else.`;
  }

  get whyNoSubscription(): string {
    if (!this.alone) return 'Nobody may subscribe here: this broker has several processes (BROKER_PROCESSES).';
    return `A vehicle subscribes to ${READABLE.map((branch) => `${this.prefix}${branch}/#`).join(' and ')}, and to what is in these.`;
  }

  /** `commands/#` and `config/#`, and anything that these contain, where it is `alone`. */
  maySubscribe(filter: string): boolean {
    if (!this.alone || !filter.startsWith(this.prefix)) return false;
    const rest = filter.slice(this.prefix.length);
    return READABLE.some((branch) => rest === branch || rest.startsWith(`${branch}/`));
  }
}
