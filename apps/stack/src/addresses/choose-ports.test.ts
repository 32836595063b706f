import { expect, it } from 'vitest';
import { choosePorts } from './choose-ports.js';

it('each port that is left to us is another free one, and the others stay', async () => {
  const config = { MQTT_TLS_PORT: 8883, MQTT_OPERATOR_TLS_PORT: 0, MQTT_WS_PORT: 0, HTTP_PORT: 0, HTTP_HOST: '127.0.0.1' };
  const { MQTT_OPERATOR_TLS_PORT, MQTT_WS_PORT, HTTP_PORT, ...others } = await choosePorts(config);
  const chosen = [MQTT_OPERATOR_TLS_PORT, MQTT_WS_PORT, HTTP_PORT];
  expect(chosen.filter((port) => port > 0)).toHaveLength(3);
  expect(new Set(chosen).size).toBe(3);
  expect(others).toEqual({ MQTT_TLS_PORT: 8883, HTTP_HOST: '127.0.0.1' });
});
