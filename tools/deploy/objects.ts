// Reads manifests.
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { parseAllDocuments } from 'yaml';

/** The parts of a manifest that are used here. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly config: string };
}

export function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map(document => document.toJS() as KubernetesObject);
}

/** The configurations that Multus reads from the NetworkAttachmentDefinitions. */
export function networksIn(text: string): NetworkConfList[] {
  return objectsIn(text)
    .filter(({ kind }) => kind === 'NetworkAttachmentDefinition')
    .map(({ spec }) => JSON.parse(spec.config) as NetworkConfList);
}
