import { changeText, pairText } from '../plan/text.ts';
import type { Reconciled } from './reconcile.ts';

export function isFailed({ error }: Reconciled): boolean {
  return error !== undefined;
}

export function isChanged({ changes }: Reconciled): boolean {
  return changes.length > 0;
}

/** Each attachment that was changed or failed, and a count. */
export function reconciliationText(all: readonly Reconciled[], dryRun: boolean): string {
  const [failed, changed] = [all.filter(isFailed), all.filter(isChanged)];
  const counts = [
    changed.length > 0 && `${changed.length} ${dryRun ? 'to change' : 'changed'}`,
    failed.length > 0 && `${failed.length} failed`,
  ].filter(text => text !== false);
  const attachments = all.length === 1 ? '1 attachment' : `${all.length || 'no'} attachments`;
  return [
    ...all.flatMap(lines),
    all.length > 0 ? `${attachments}: ${counts.join(', ') || 'as configured'}` : attachments,
  ].join('\n');
}

function lines({ ifName, network, containerID, pod, netns, warnings, pair, changes, error }: Reconciled): string[] {
  const below = [
    ...warnings.map(warning => `! ${warning}`),
    ...(error === undefined ? [] : [`! ${error}`]),
    ...(pair ? [`+ ${pairText(pair)}`] : []),
    ...changes.map(changeText),
  ];
  const whose = pod ? `pod ${pod}` : `container ${containerID.slice(0, 13)}`;
  return below.length === 0 ? [] : [`${ifName} of ${whose}, network ${network}${netns ? `, ${netns}` : ''}`, ...below];
}
