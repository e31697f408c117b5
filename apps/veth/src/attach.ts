// ADD and CHECK: both observe and plan, then ADD applies the plan and CHECK compares.
import { type AddContext, type CheckContext, CNIError, ErrorCode, type K8sArgs, type Result } from '@spider/cni-skel';
import { apply } from './apply/apply.ts';
import { check } from './check/check.ts';
import type { Config } from './config/config.ts';
import { podEnd } from './datapath.ts';
import { podNamed } from './names.ts';
import { describe } from './object/text.ts';
import { observe } from './observe/observe.ts';
import { hasRuleset, plan } from './plan/plan.ts';
import { lockPod } from './pod-lock.ts';
import { resultOf } from './result.ts';
import { Sites } from './sites.ts';

export async function attach({
  conf,
  containerID,
  ifName,
  netns,
  args,
  prevResult,
  rollback,
  log,
  signal,
}: AddContext<Config, K8sArgs, 'chained'>): Promise<Result> {
  for (const warning of conf.warnings) log.warn(warning);
  if (conf.skip) return prevResult;
  if (ifName === podEnd)
    throw new CNIError(ErrorCode.InvalidEnvironmentVariables, `CNI_IFNAME=${ifName}: this name is the plugin's own`);
  const sites = rollback.adopt(new Sites(netns), opened => opened[Symbol.dispose]());
  await lockPod(sites.pod.namespace, signal);
  if (conf.ipConflict) {
    const { detectConflicts } = await import('./conflict/detect.ts');
    await detectConflicts(sites, ifName, conf.ipConflict, signal);
  }
  const facts = observe(sites, containerID, ifName, prevResult);
  const planned = plan(conf, facts, { containerID, ifName, network: conf.name }, podNamed(args));
  if (conf.log.level === 'debug') for (const object of planned.objects) log.debug(describe(object));
  if (hasRuleset(planned)) await sites.openNftables();
  apply(planned, facts, sites, rollback);
  log.debug('attached');
  return resultOf(prevResult, planned, facts, netns);
}

export async function verify({
  conf,
  containerID,
  ifName,
  netns,
  args,
  prevResult,
}: CheckContext<Config, K8sArgs, 'chained'>): Promise<void> {
  if (conf.skip) return;
  using sites = new Sites(netns);
  const facts = observe(sites, containerID, ifName, prevResult);
  const planned = plan(conf, facts, { containerID, ifName, network: conf.name }, podNamed(args));
  if (hasRuleset(planned)) await sites.openNftables();
  check(planned, facts, sites, prevResult);
}
