/** One alert of `POST /api/v2/alerts` (`postableAlert` of Alertmanager's OpenAPI document). */
export interface PostableAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL: string;
}

interface Fields {
  [name: string]: unknown;
}

/** Labels tell alerts apart: only what stays the same from the opening to the end may be one. */
const alertLabels = { type: 'type', severity: 'severity', vehicleId: 'vehicle' } as const;
/** A vehicle may have several alerts of a type open: which of them. */
const conditionLabels = { code: 'code', geofenceId: 'geofence' } as const;
/** The severity of these alone rises while they are open: the label sets that they had before must end. */
const risingTypes: ReadonlySet<unknown> = new Set(['certificate_expiring']);
const severities = ['info', 'warning', 'critical'];
const incidentLabels = { scope: 'scope', node: 'node', id: 'incident' } as const;
const maxAnnotationLength = 1_024;

const dayMs = 86_400_000;
/** Alertmanager ends what nobody repeats after five minutes, unless it is told when: what is open must not end by itself. */
const openForMs = 365 * dayMs;
/** Of events that tell of a moment: long enough to be seen. */
const momentForMs = 5 * 60_000;

/**
 * An event as Prometheus Alertmanager takes it: an array of one alert, firing while `endsAt` lies ahead. An alert's opening, its acknowledgement and
 * its end carry the same labels, by which Alertmanager knows that they are one; of one whose severity may have risen the lesser ones end beside it. Pure: the same event gives the same bytes.
 */
export function alertmanagerBody(eventBody: string, publicUrl: string): string {
  const { id, type, timestamp, data } = JSON.parse(eventBody) as { id: string; type: string; timestamp: string; data: Fields };
  const at = Date.parse(timestamp);
  const { alert, incident, endpoint } = data as { alert?: Fields; incident?: Fields; endpoint?: Fields };
  const common = { event: type, event_id: id };
  const condition = (alert?.condition ?? {}) as Fields;
  const postable: PostableAlert =
    alert !== undefined
      ? {
          labels: {
            alertname: named(`vehicle_${textOf(alert.type)}`),
            ...picked(alert, alertLabels),
            ...picked(condition, conditionLabels),
          },
          annotations: {
            summary: summaryOf(alert),
            ...common,
            ...annotationsOf(alert, alertLabels),
            ...annotationsOf(condition, conditionLabels),
          },
          startsAt: instantOf(alert.openedAt, at),
          endsAt: instantOf(alert.resolvedAt, at + openForMs),
          generatorURL: `${publicUrl}/v1/alerts?vehicleId=${encodeURIComponent(textOf(alert.vehicleId))}`,
        }
      : incident !== undefined
        ? {
            labels: { alertname: named('fleet_incident'), severity: 'critical', ...picked(incident, incidentLabels) },
            annotations: {
              summary: `${textOf(incident.vehicles)} vehicles lost contact together`,
              ...common,
              ...annotationsOf(incident, incidentLabels),
            },
            startsAt: instantOf(incident.openedAt, at),
            endsAt: instantOf(incident.closedAt, at + openForMs),
            generatorURL: `${publicUrl}/v1/alerts`,
          }
        : {
            labels: { alertname: named(type), severity: 'info', ...picked(endpoint ?? {}, { id: 'endpoint' }) },
            annotations: { summary: type, ...common, ...annotationsOf(endpoint ?? {}, { id: 'endpoint' }) },
            startsAt: new Date(at).toISOString(),
            endsAt: new Date(at + momentForMs).toISOString(),
            generatorURL: `${publicUrl}/v1/webhooks`,
          };
  const lesser = risingTypes.has(alert?.type) ? severities.slice(0, Math.max(0, severities.indexOf(textOf(alert?.severity)))) : [];
  const ended = lesser.map((severity) => ({ ...postable, labels: { ...postable.labels, severity }, endsAt: new Date(at).toISOString() }));
  return JSON.stringify([postable, ...ended]);
}

/** `vehicle_offline` and `webhook.test` become MilepostVehicleOffline and MilepostWebhookTest. */
function named(words: string): string {
  const parts = words.split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  return `Milepost${parts.map((part) => part[0]?.toUpperCase() + part.slice(1)).join('')}`;
}

function summaryOf(alert: Fields): string {
  const cause = alert.cause === undefined ? '' : ` (${textOf(alert.cause)})`;
  return `Vehicle ${textOf(alert.vehicleId)}: ${textOf(alert.type)}${cause}, ${textOf(alert.status)}`;
}

function picked(entity: Fields, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([field, label]) => (entity[field] === undefined ? [] : [[label, textOf(entity[field])]])),
  );
}

/** The rest of what is short; an annotation's name is a label name (letters, digits and _). */
function annotationsOf(entity: Fields, labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entity)
      .filter(([name, value]) => !(name in labels) && value !== null && typeof value !== 'object')
      .map(([name, value]) => [snakeCase(name), textOf(value).slice(0, maxAnnotationLength)]),
  );
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/[^A-Za-z0-9_]/g, '_');

const textOf = (value: unknown): string => (value === undefined || value === null ? 'unknown' : String(value));

function instantOf(value: unknown, otherwiseMs: number): string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : new Date(otherwiseMs).toISOString();
}
