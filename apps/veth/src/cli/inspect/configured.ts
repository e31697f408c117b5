// The configurations and results that ADDs of a running pod's attachments would get now.
import type { AddContext, K8sArgs } from '@spider/cni-skel';
import type { Config } from '../../config/config.ts';
import { type Attachment, attachmentName } from '../../names.ts';
import { asAddAgain } from '../attach-again.ts';
import type { Caches } from '../cached.ts';
import type { Json } from '../configuration.ts';
import { isFor } from '../configurations.ts';
import type { Finding } from '../finding.ts';

export type Configured = Pick<AddContext<Config, K8sArgs, 'interface'>, 'conf' | 'prevResult'>;

/** What is known of the configurations. */
export interface Known {
  readonly conf: Json | undefined;
  readonly caches: Caches;
}

/** Those that are known, by attachment, and findings about those that ADD would refuse. */
export async function configuredIn(netns: string, attachments: readonly Attachment[], { conf: given, caches }: Known) {
  const configured = new Map<Attachment, Configured>();
  const refused: Finding[] = [];
  for (const attachment of attachments) {
    const { ifName, network } = attachment;
    const cached = caches.get(attachmentName(attachment));
    const conf = given && isFor(given, attachment) ? given : cached?.conf;
    if (!conf) continue;
    try {
      configured.set(
        attachment,
        await asAddAgain({ ...attachment, netns, cached }, conf, async ({ conf, prevResult }) => ({
          conf,
          prevResult,
        })),
      );
    } catch (error) {
      const object = `configuration of ${ifName}, network ${network}`;
      refused.push({ object, problem: `ADD would refuse it now: ${(error as Error).message}`, broken: true });
    }
  }
  return { configured, refused };
}
