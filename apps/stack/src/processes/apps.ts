import { fileURLToPath } from 'node:url';
import { allocateWith } from '@milepost/backing-services';
import type { AppRole } from '@milepost/database';
import type { VehicleFiles } from '@milepost/pki';
import { nodeFlagsOf } from '@milepost/runtime';
import { reachable } from '../addresses/reachable.js';
import { canaryVehicle } from '../preparing/development-pki.js';
import type { SupervisedApp } from './supervisor.js';

export interface AppSettings {
  kafkaEnvironment: Record<string, string>;
  databaseUrl(role: AppRole): string;
  ownerUrl: string;
  pkiFolder: string;
  canary: VehicleFiles;
  apiKey: string;
  /** The library that the broker allocates with; undefined: libc's own. */
  brokerAllocator: string | undefined;
  brokerProcesses: number;
  mqttPort: number;
  operatorPort: number;
  webSocketPort: number;
  usersFile: string;
  aclFile: string;
  httpPort: number;
  mqttHost: string;
  httpHost: string;
  /** Where people reach the API, without a slash at the end: links in webhooks begin with it. */
  publicUrl: string;
  /** CIDRs. */
  webhookAllow: string[];
  statusPorts: Record<AppName, number>;
  fleetSize: number;
  replay?: { file: string; speed: string };
}

export const appNames = ['broker', 'ingest', 'alerts', 'webhooks', 'api', 'canary', 'simulator', 'replay'] as const;
export type AppName = (typeof appNames)[number];

const host = '127.0.0.1';
const scriptOf = (folder: string) => fileURLToPath(new URL(`../../../${folder}/dist/main.js`, import.meta.url));

/** Every app with the environment that it needs. */
export function appsOf(settings: AppSettings): SupervisedApp[] {
  const { kafkaEnvironment: kafka, pkiFolder, statusPorts } = settings;
  const app = (name: AppName, environment: Record<string, string>, folder: string = name): SupervisedApp => ({
    name,
    script: scriptOf(folder),
    nodeFlags: nodeFlagsOf(name),
    statusPort: statusPorts[name],
    environment: { STATUS_HOST: host, STATUS_PORT: String(statusPorts[name]), ...environment },
  });
  const readinessUrls = (['broker', 'ingest', 'alerts', 'webhooks'] as const)
    .map((name) => `${name}=http://${host}:${statusPorts[name]}/readyz`)
    .join(',');
  const vehicles = { MQTT_URL: `mqtts://${reachable(settings.mqttHost)}:${settings.mqttPort}`, PKI_DIR: pkiFolder };

  return [
    app('broker', {
      ...kafka,
      ...(settings.brokerAllocator !== undefined && allocateWith(settings.brokerAllocator)),
      MQTT_HOST: settings.mqttHost,
      MQTT_TLS_PORT: String(settings.mqttPort),
      MQTT_TLS_CERT_FILE: `${pkiFolder}/server.crt`,
      MQTT_TLS_KEY_FILE: `${pkiFolder}/server.key`,
      MQTT_TRUSTED_CAS_FILE: `${pkiFolder}/trusted-cas.json`,
      MQTT_OPERATOR_TLS_PORT: String(settings.operatorPort),
      MQTT_WS_PORT: String(settings.webSocketPort),
      BROKER_PROCESSES: String(settings.brokerProcesses),
      // Users would see the vehicles of one process alone: several refuse them.
      ...(settings.brokerProcesses === 1 && { MQTT_USERS_FILE: settings.usersFile, MQTT_ACL_FILE: settings.aclFile }),
      NODE_ID: 'broker-1',
    }),
    app('ingest', { ...kafka, DATABASE_URL: settings.databaseUrl('milepost_ingest'), DATABASE_MAINTENANCE_URL: settings.ownerUrl }),
    app('alerts', { ...kafka, DATABASE_URL: settings.databaseUrl('milepost_alerts'), NODE_ID: 'alerts-1' }),
    app('webhooks', {
      ...kafka,
      DATABASE_URL: settings.databaseUrl('milepost_webhooks'),
      WEBHOOK_ALLOW: settings.webhookAllow.join(','),
      WEBHOOK_PUBLIC_URL: settings.publicUrl,
    }),
    app('api', {
      ...kafka,
      DATABASE_URL: settings.databaseUrl('milepost_api'),
      HTTP_HOST: settings.httpHost,
      HTTP_PORT: String(settings.httpPort),
      READINESS_URLS: readinessUrls,
      WEBHOOK_ALLOW: settings.webhookAllow.join(','),
    }),
    app('canary', {
      DATABASE_URL: settings.databaseUrl('milepost_canary'),
      MQTT_URL: vehicles.MQTT_URL,
      MQTT_CA_FILE: settings.canary.caFile,
      CANARY_CERT_FILE: settings.canary.certificateFile,
      CANARY_KEY_FILE: settings.canary.keyFile,
      CANARY_VEHICLE: canaryVehicle,
      API_URL: `http://${reachable(settings.httpHost)}:${settings.httpPort}`,
      API_KEY: settings.apiKey,
    }),
    ...(settings.fleetSize > 0 ? [app('simulator', { ...vehicles, FLEET_SIZE: String(settings.fleetSize) })] : []),
    ...(settings.replay
      ? [
          {
            ...app('replay', { ...vehicles, REPLAY_FILE: settings.replay.file, REPLAY_SPEED: settings.replay.speed }, 'simulator'),
            once: true,
          },
        ]
      : []),
  ];
}
