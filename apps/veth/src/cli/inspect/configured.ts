// The configuration and the result that an ADD of a running pod's attachment would get now.
import type { AddContext, K8sArgs } from '@spider/cni-skel';
import type { Config } from '../../config/config.ts';
import { type Attached, asAddAgain } from '../attach-again.ts';
import type { Json } from '../configuration.ts';

export type Configured = Pick<AddContext<Config, K8sArgs, 'interface'>, 'conf' | 'prevResult'>;

/** @throws Error with the error that ADD would return */
export function configuredAs(attached: Attached, conf: Json): Promise<Configured> {
  return asAddAgain(attached, conf, async ({ conf, prevResult }) => ({ conf, prevResult }));
}
