export type { K8sArgs } from './args.ts';
export type { Attachment, PluginConf, RuntimeConfig } from './conf.ts';
export type { PluginDefinition } from './definition.ts';
export type { Delegate, Exec } from './delegate/delegate.ts';
export type { ExecRequest } from './delegate/exec.ts';
export { defaultExec } from './dispatch.ts';
export type { CmdArgs, Command, Environment } from './environment.ts';
export { CNIError, type CNIErrorOptions, ErrorCode } from './error.ts';
export type {
  AddContext,
  AddResult,
  AttachmentContext,
  CheckContext,
  ConfOf,
  Context,
  DelContext,
  GCContext,
  Handlers,
  Kind,
  StatusContext,
} from './handlers.ts';
export type { Invocation, Outcome } from './invocation.ts';
export type { Level, Logger, LogOptions } from './log.ts';
export { type MulticallOptions, multicall, type Plugins } from './multicall.ts';
export { definePlugin, type Plugin } from './plugin.ts';
export { dnsOf, gatewayOf, interfaceOf } from './result/lookup.ts';
export type {
  DNS,
  Interface,
  IPAMResult,
  IPConfig,
  IPConfig020,
  Result,
  Result020,
  Result040,
  Result100,
  Route,
  WireResult,
} from './result/result.ts';
export type { Awaitable, Rollback } from './rollback.ts';
export type { SchemaIssue, SchemaResult, StandardSchema } from './schema.ts';
export { type FileIdentity, nodeSystem, type System } from './system.ts';
export { allVersions, type CNIVersion, currentVersion, versionsStartingFrom } from './version.ts';
