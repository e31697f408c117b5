/** The command line that runs a command in a network namespace. `netns` is undefined for the node's own. */
export function commandAt({ netns }: { readonly netns: string | undefined }, command: string): string {
  return netns === undefined ? command : `nsenter --net=${netns} ${command}`;
}
