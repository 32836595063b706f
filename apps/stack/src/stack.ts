import { askBackingServices, choosePort, findJemalloc, startBackingServices } from '@milepost/backing-services';
import type { StackFile } from '@milepost/contracts';
import type { Logger } from '@milepost/runtime';
import { choosePorts } from './addresses/choose-ports.js';
import { reachable } from './addresses/reachable.js';
import { requirePorts } from './addresses/require-ports.js';
import type { StackConfig } from './config.js';
import { DataFolder } from './folder/data-folder.js';
import { RunningFile } from './folder/running-file.js';
import type { StackOptions } from './options.js';
import { prepareDevelopmentOperator } from './preparing/development-operator.js';
import { prepareDevelopmentPki } from './preparing/development-pki.js';
import { prepareInstallation } from './preparing/installation.js';
import { type AppName, type AppSettings, appNames, appsOf } from './processes/apps.js';
import { boundLogs } from './processes/bounded-logs.js';
import { untilReady } from './processes/readiness.js';
import { stopAll } from './processes/stop-all.js';
import { Supervisor } from './processes/supervisor.js';

export interface StackSurroundings {
  config: StackConfig;
  options: StackOptions;
  environment: NodeJS.ProcessEnv;
  logger: Logger;
  say(line: string): void;
  signal: AbortSignal;
}

export interface RunningStack {
  file: StackFile;
  folder: DataFolder;
}

const readyTimeoutMs = 120_000;

/** Everything on this machine, in the order in which it depends on each other; `stop` takes it down the other way round. */
export class Stack {
  readonly #surroundings: StackSurroundings;
  readonly #stops: (() => Promise<void> | void)[] = [];

  constructor(surroundings: StackSurroundings) {
    this.#surroundings = surroundings;
  }

  async start(): Promise<RunningStack> {
    const { options, environment, logger, say, signal } = this.#surroundings;
    const config = await choosePorts(this.#surroundings.config);
    const folder = DataFolder.open(config.MILEPOST_DATA_DIR, options);
    this.#stops.push(() => folder.removeUnused());
    const running = new RunningFile(folder);
    // What an earlier stack left running must not write into a folder that is being deleted.
    await running.takeOver(say, options);
    this.#stops.push(() => running.remove());
    await requirePorts([
      { variable: 'MQTT_TLS_PORT', hostVariable: 'MQTT_HOST', host: config.MQTT_HOST, port: config.MQTT_TLS_PORT },
      { variable: 'MQTT_OPERATOR_TLS_PORT', hostVariable: 'MQTT_HOST', host: config.MQTT_HOST, port: config.MQTT_OPERATOR_TLS_PORT },
      { variable: 'MQTT_WS_PORT', hostVariable: 'MQTT_HOST', host: config.MQTT_HOST, port: config.MQTT_WS_PORT },
      { variable: 'HTTP_PORT', hostVariable: 'HTTP_HOST', host: config.HTTP_HOST, port: config.HTTP_PORT },
    ]);

    const named = await askBackingServices({ environment, log: say });
    signal.throwIfAborted();
    // Only now: a start that is refused deletes nothing.
    if (options.fresh) running.clearFolder();
    this.#stops.push(boundLogs(folder.file('logs'), say));
    const services = await startBackingServices(
      {
        dataDir: folder.path,
        environment,
        log: say,
        kafka: { profile: config.KAFKA_PROFILE },
        onProcess: ({ name, pid }) => running.record(name, pid),
      },
      named,
    );
    this.#stops.push(() => services.stop());
    signal.throwIfAborted();

    say('Preparing the database schema, Kafka topics and development certificates');
    const kafkaEnvironment = { ...kafkaVariables(environment), KAFKA_BROKERS: services.kafka.brokers.join(',') };
    const ownerUrl = services.postgres.url;
    const [installation, pki] = await Promise.all([
      prepareInstallation({ folder, ownerUrl, kafkaEnvironment, logger }),
      prepareDevelopmentPki(folder, config.MQTT_HOST),
    ]);
    // After the installation: both keep secrets in one file.
    const operator = await prepareDevelopmentOperator(folder);
    signal.throwIfAborted();

    const apiUrl = `http://${reachable(config.HTTP_HOST)}:${config.HTTP_PORT}`;
    const { partitions } = installation;
    if (environment.KAFKA_PARTITIONS && Number(environment.KAFKA_PARTITIONS) !== partitions)
      say(`Kafka: this installation was made with ${partitions} partitions a topic, which stay; KAFKA_PARTITIONS counts for a new one`);
    const settings: AppSettings = {
      kafkaEnvironment: { ...kafkaEnvironment, KAFKA_PARTITIONS: String(partitions) },
      databaseUrl: installation.databaseUrl,
      ownerUrl,
      pkiFolder: pki.folder,
      canary: pki.canary,
      apiKey: installation.apiKey,
      brokerAllocator: config.BROKER_ALLOCATOR === 'jemalloc' ? findJemalloc() : undefined,
      brokerProcesses: config.BROKER_PROCESSES,
      mqttPort: config.MQTT_TLS_PORT,
      operatorPort: config.MQTT_OPERATOR_TLS_PORT,
      webSocketPort: config.MQTT_WS_PORT,
      usersFile: operator.usersFile,
      aclFile: operator.aclFile,
      httpPort: config.HTTP_PORT,
      httpHost: config.HTTP_HOST,
      mqttHost: config.MQTT_HOST,
      webhookAllow: config.WEBHOOK_ALLOW,
      publicUrl: environment.WEBHOOK_PUBLIC_URL || apiUrl,
      statusPorts: await statusPorts(),
      fleetSize: options.fleetSize,
      ...(options.replay ? { replay: options.replay } : {}),
    };
    const file: StackFile = {
      apiUrl,
      apiKey: installation.apiKey,
      mqttUrl: `mqtts://${reachable(config.MQTT_HOST)}:${config.MQTT_TLS_PORT}`,
      operatorMqttUrl: `mqtts://${reachable(config.MQTT_HOST)}:${config.MQTT_OPERATOR_TLS_PORT}`,
      webSocketMqttUrl: `wss://${reachable(config.MQTT_HOST)}:${config.MQTT_WS_PORT}/mqtt`,
      operatorUserName: operator.userName,
      operatorPassword: operator.password,
      caFile: pki.caFile,
      issueCommand: pki.issueCommand,
      kafkaBrokers: kafkaEnvironment.KAFKA_BROKERS,
      databaseUrl: ownerUrl,
      apps: [],
    };
    say(`Starting the apps; their logs are in ${folder.file('logs')}`);
    const hopeless = new AbortController();
    const supervisor = this.#startApps(settings, { folder, running, file, giveUp: (reason) => hopeless.abort(reason) });
    await untilReady({ apiUrl: file.apiUrl, timeoutMs: readyTimeoutMs, signal: AbortSignal.any([signal, hopeless.signal]) });
    hopeless.signal.throwIfAborted();
    supervisor.markUp();
    return { file, folder };
  }

  /** The simulated vehicles first, then who takes them in, then who reads, at last the services that all of them drain into. @throws what the first step that failed threw, once all were taken. */
  async stop(): Promise<void> {
    await stopAll(this.#stops.splice(0).reverse());
  }

  #startApps(
    settings: AppSettings,
    { folder, running, file, giveUp }: { folder: DataFolder; running: RunningFile; file: StackFile; giveUp(reason: Error): void },
  ): Supervisor {
    const tell = (apps: StackFile['apps']) => {
      file.apps = apps;
      folder.writeJson('stack.json', file);
    };
    const supervisor = new Supervisor({
      logFile: (app) => folder.file('logs', `${app.name}.log`),
      events: {
        say: this.#surroundings.say,
        started: (app, pid) => {
          running.record(app.name, pid);
          const url = `http://127.0.0.1:${app.statusPort}`;
          const others = file.apps.filter(({ name }) => name !== app.name);
          tell([...others, { name: app.name, pid, metricsUrl: `${url}/metrics`, healthUrl: `${url}/healthz` }]);
        },
        ended: (app) => {
          running.forget(app.name);
          // Nobody is to miss what has come to its end.
          if (app.once) tell(file.apps.filter(({ name }) => name !== app.name));
        },
        gaveUp: (_, reason) => giveUp(reason),
      },
    });
    this.#stops.push(async () => {
      supervisor.giveUpRestarts();
      for (const group of stopOrder) await supervisor.stop(group);
      folder.remove('stack.json');
    });
    for (const app of appsOf(settings)) supervisor.start(app);
    return supervisor;
  }
}

const stopOrder: AppName[][] = [['simulator', 'replay', 'canary'], ['broker'], ['ingest', 'alerts'], ['webhooks', 'api']];

async function statusPorts(): Promise<Record<AppName, number>> {
  const entries: [AppName, number][] = [];
  for (const name of appNames) entries.push([name, await choosePort()]);
  return Object.fromEntries(entries) as Record<AppName, number>;
}

function kafkaVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[0].startsWith('KAFKA_') && entry[1] !== undefined),
  );
}
