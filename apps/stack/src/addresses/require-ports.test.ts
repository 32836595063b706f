import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requirePorts } from './require-ports.js';

const host = '127.0.0.1';
let others: Server[];
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeEach(async () => {
  others = [createServer(), createServer()];
  await Promise.all(others.map((server) => once(server.listen(0, host), 'listening')));
});

afterEach(() => {
  for (const server of others) server.close();
});

describe('requirePorts', () => {
  it('names every port that somebody else has, so that one more try is enough', async () => {
    const [mqtt = 0, http = 0] = others.map(portOf);
    await expect(
      requirePorts([
        { variable: 'MQTT_TLS_PORT', hostVariable: 'MQTT_HOST', host, port: mqtt },
        { variable: 'MQTT_WS_PORT', hostVariable: 'MQTT_HOST', host, port: 0 },
        { variable: 'HTTP_PORT', hostVariable: 'HTTP_HOST', host, port: http },
      ]),
    ).rejects.toThrow(
      `Port ${mqtt} is in use by another process. Port ${http} is in use by another process. End what has them, or choose other ports: MQTT_TLS_PORT=… HTTP_PORT=… npm start`,
    );
    await expect(requirePorts([{ variable: 'HTTP_PORT', hostVariable: 'HTTP_HOST', host, port: http }])).rejects.toThrow(
      'End that process, or choose another port: HTTP_PORT=… npm start',
    );
  });

  it('says of a host that is none of this machine that it is the host, once for all its ports', async () => {
    const mqtt = { hostVariable: 'MQTT_HOST', host: '203.0.113.77', port: 0 };
    const doors = [
      { variable: 'MQTT_TLS_PORT', ...mqtt },
      { variable: 'MQTT_WS_PORT', ...mqtt },
      { variable: 'HTTP_PORT', hostVariable: 'HTTP_HOST', host: '198.51.100.77', port: 0 },
    ];
    await expect(requirePorts(doors)).rejects.toThrow(
      /^MQTT_HOST: "203\.0\.113\.77" is not an address of this machine\. HTTP_HOST: "198\.51\.100\.77" is not an address of this machine\. Give 127\.0\.0\.1 /,
    );
  });

  it('leaves a port that is free free', async () => {
    const server = createServer();
    await once(server.listen(0, host), 'listening');
    const door = { variable: 'HTTP_PORT', hostVariable: 'HTTP_HOST', host, port: portOf(server) };
    await once(server.close(), 'close');
    await requirePorts([door]);
    await requirePorts([door]);
  });
});
