import { choosePort } from '@milepost/backing-services';
import { portVariables } from '../preflight.js';

type Ports = Record<(typeof portVariables)[number], number>;

/** The configuration with a free port for each 0: whoever is to connect is told of it before anybody listens. */
export async function choosePorts<C extends Ports>(config: C): Promise<C> {
  const chosen = { ...config };
  for (const variable of portVariables) if (chosen[variable] === 0) Object.assign(chosen, { [variable]: await choosePort() });
  return chosen;
}
