import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { WebSocketStream } from './web-socket-stream.js';

/** The part of a WebSocket that the stream uses; what was asked of it stands in `asked`. */
class FakeWebSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly asked: unknown[] = [];
  send = (chunk: Buffer) => this.asked.push(['send', chunk.toString()]);
  pong = (data: Buffer) => this.asked.push(['pong', data.toString()]);
  close = (code: number) => this.asked.push(['close', code]);
  terminate = () => this.asked.push(['terminate']);
  pause = () => this.asked.push(['pause']);
  resume = () => this.asked.push(['resume']);
}

class FakeCarrier extends EventEmitter {
  writableLength = 0;
  writableNeedDrain = false;
  cork(): void {}
  uncork(): void {}
}

function streamUnderTest() {
  const webSocket = new FakeWebSocket();
  const carrier = new FakeCarrier();
  const stream = new WebSocketStream(webSocket as unknown as WebSocket, carrier);
  const heard: unknown[] = [];
  stream.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  stream.on('error', (error: Error) => heard.push(error.message));
  for (const event of ['drain', 'close']) stream.on(event, () => heard.push(event));
  return { webSocket, carrier, stream, heard };
}

test('what frames hold comes in order, wherever their borders are [MQTT-6.0.0-2]', () => {
  const { webSocket, heard } = streamUnderTest();
  for (const part of ['ab', 'c', 'defg']) webSocket.emit('message', Buffer.from(part), true);
  expect(heard).toEqual(['ab', 'c', 'defg']);
});

test('a text frame is no data, is an error and closes the connection [MQTT-6.0.0-1]', () => {
  const { webSocket, heard } = streamUnderTest();
  webSocket.emit('message', Buffer.from('text'), false);
  expect(heard).toEqual(['the client sent a text frame; MQTT is in binary frames only']);
  expect(webSocket.asked).toEqual([['close', 1003]]);
});

test('what is written leaves at once, and the answer says whether the connection below takes more', () => {
  const { webSocket, carrier, stream, heard } = streamUnderTest();
  expect(stream.write(Buffer.from('one'))).toBe(true);
  Object.assign(carrier, { writableNeedDrain: true, writableLength: 70_000 });
  expect(stream.write(Buffer.from('two'))).toBe(false);
  expect(stream.writableLength).toBe(70_000);
  carrier.emit('drain');
  expect(webSocket.asked).toEqual([
    ['send', 'one'],
    ['send', 'two'],
  ]);
  expect(heard).toEqual(['drain']);
});

test('nothing is sent after the close frame', () => {
  const { webSocket, stream } = streamUnderTest();
  stream.end();
  webSocket.readyState = 2;
  expect(stream.write(Buffer.from('late'))).toBe(true);
  expect(webSocket.asked).toEqual([['close', 1000]]);
});

test('pings are answered, but not while the client does not read', () => {
  const { webSocket, carrier } = streamUnderTest();
  webSocket.emit('ping', Buffer.from('one'));
  carrier.writableNeedDrain = true;
  webSocket.emit('ping', Buffer.from('two'));
  expect(webSocket.asked).toEqual([['pong', 'one']]);
});

test('reading stops and goes on, and the connection is cut, with the WebSocket', () => {
  const { webSocket, stream, heard } = streamUnderTest();
  stream.pause();
  stream.resume();
  stream.destroy();
  webSocket.emit('close');
  expect(webSocket.asked).toEqual([['pause'], ['resume'], ['terminate']]);
  expect(heard).toEqual(['close']);
});
