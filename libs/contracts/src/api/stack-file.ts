import Type, { type Static } from 'typebox';

/** What `npm start` writes for whoever wants to find the running stack (mode 0600: it has an API key in it). */
export const StackFileSchema = Type.Object({
  apiUrl: Type.String(),
  apiKey: Type.String(),
  mqttUrl: Type.String(),
  /** Where users with a password come in. */
  operatorMqttUrl: Type.String(),
  /** MQTT over WebSocket, for vehicles and users. */
  webSocketMqttUrl: Type.String(),
  operatorUserName: Type.String(),
  operatorPassword: Type.String(),
  caFile: Type.String(),
  issueCommand: Type.String(),
  kafkaBrokers: Type.String(),
  databaseUrl: Type.String(),
  apps: Type.Array(Type.Object({ name: Type.String(), pid: Type.Integer(), metricsUrl: Type.String(), healthUrl: Type.String() })),
});
export type StackFile = Static<typeof StackFileSchema>;
