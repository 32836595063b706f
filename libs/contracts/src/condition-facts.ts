/** What ingest and alerts set aside of a message because an alert may come of it. Stored as JSON in `condition_facts`. */

/** A place and how well it is known. Degrees WGS 84. */
export interface FactPosition {
  latitude: number;
  longitude: number;
  accuracyM?: number;
}

export const emergencyTypes = ['sos', 'crash'] as const;
export type EmergencyType = (typeof emergencyTypes)[number];

export interface EmergencyEvent {
  type: EmergencyType;
  /** As the vehicle said it. */
  name: string;
  severity?: string;
}

/** A trouble code as a report mentions it. `code` is the key of `dtc_states`: J2012 text, or spn/fmi. */
export interface TroubleCodeMention {
  code: string;
  status: 'active' | 'pending' | 'cleared' | 'permanent';
}

/** A valid fix of an organisation that has geofences. */
export interface FixFact extends FactPosition {
  kind: 'fix';
}

export interface EmergencyFact {
  kind: 'emergency';
  events: EmergencyEvent[];
  position?: FactPosition;
  /** The vehicle's clock is far ahead: `recordedAt` is what it said. */
  clockSuspect?: true;
}

export interface ReportFact {
  kind: 'report';
  volts?: number;
  dtcs?: TroubleCodeMention[];
}

/** The certificate of a connection; its `recordedAt` is when the connection was made. */
export interface CertificateFact {
  kind: 'certificate';
  serial: string;
  notAfterMs: number;
}

/** Something that the conditions depend on has changed: look again. */
export interface RecheckFact {
  kind: 'recheck';
}

/** Somebody says that an emergency is over. */
export interface DismissFact {
  kind: 'dismiss';
  type: EmergencyType;
  /** Which alert was looked at, by when it opened, and of how many events it told then: what came behind that is not over. All, where they are missing. */
  openedAtMs?: number;
  count?: number;
}

export type ConditionFact = FixFact | EmergencyFact | ReportFact | CertificateFact | RecheckFact | DismissFact;

/** Names of events that are emergencies, in lower case with `_` between words. */
const emergencies: Readonly<Record<string, EmergencyType>> = {
  sos: 'sos',
  panic: 'sos',
  panic_button: 'sos',
  emergency: 'sos',
  emergency_call: 'sos',
  crash: 'crash',
  collision: 'crash',
  accident: 'crash',
};

/** What kind of emergency an event of a fix is: `Panic-Button` is an SOS, `harsh_braking` is none. */
export function emergencyOf(name: string): EmergencyType | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  return Object.hasOwn(emergencies, plain) ? emergencies[plain] : undefined;
}

/** COVESA VSS names of the voltage of the low voltage (starter) battery, the newer first. */
const batterySignals = ['Vehicle.LowVoltageBattery.CurrentVoltage', 'Vehicle.Powertrain.LowVoltageBattery.CurrentVoltage'];

/** The voltage of the starter battery in a report's signals, in volts. */
export function batteryVolts(signals: Readonly<Record<string, unknown>>): number | undefined {
  for (const name of batterySignals) {
    const value = signals[name];
    if (typeof value === 'number') return value;
  }
  return undefined;
}
