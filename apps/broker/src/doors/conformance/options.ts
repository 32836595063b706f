import { numberOption, readOptions, UsageError } from '@milepost/runtime';

/** Of `npm run broker:conformance`. */
export interface ConformanceOptions {
  /** 0 takes a free one. */
  port: number;
  wsPort?: number;
  host: string;
  /** Filters that nobody may subscribe to. */
  refuse: readonly string[];
  serverKeepAliveSeconds: number;
  maxPacketBytes: number;
  logLevel: string;
}

export const usage = `Usage: npm run broker:conformance -- [options]

Speaks plain MQTT 3.1.1 and 5.0 on loopback to anybody: any client id, any topic, any login. For conformance tests only.

  --port N                port of MQTT over TCP (default 1883; 0 takes a free one)
  --ws-port N             port of MQTT over WebSocket, path /mqtt (none by default; 0 takes a free one)
  --host ADDRESS          address (default 127.0.0.1)
  --refuse FILTER         SUBSCRIBE to exactly this filter is refused (0x80); may be repeated
  --server-keep-alive N   larger keep-alives of clients are lowered to N seconds; 0 stays
  --max-packet-size N     largest packet that is taken, in bytes (default 524288)
  --log-level LEVEL       default warn
  --help                  this text
`;

const KIB = 1024;
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** @throws UsageError with a sentence for the user. */
export function parseOptions(args: readonly string[]): ConformanceOptions | 'help' {
  const { values } = readOptions({
    args,
    options: {
      port: { type: 'string', default: '1883' },
      'ws-port': { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      refuse: { type: 'string', multiple: true, default: [] },
      'server-keep-alive': { type: 'string', default: '65535' },
      'max-packet-size': { type: 'string', default: String(512 * KIB) },
      'log-level': { type: 'string', default: 'warn' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'port' | 'ws-port' | 'server-keep-alive' | 'max-packet-size', least: number, most: number) =>
    numberOption(name, values[name] ?? '', { least, most });
  const logLevel = values['log-level'];
  if (!logLevels.includes(logLevel)) throw new UsageError(`--log-level takes ${logLevels.join(', ')}, not "${logLevel}".`);
  return {
    port: whole('port', 0, 65_535),
    ...(values['ws-port'] !== undefined && { wsPort: whole('ws-port', 0, 65_535) }),
    host: values.host,
    refuse: values.refuse,
    serverKeepAliveSeconds: whole('server-keep-alive', 1, 65_535),
    maxPacketBytes: whole('max-packet-size', KIB, 1024 * KIB),
    logLevel,
  };
}
