/** A command for a place, as it is to be typed on the node: `netns` is undefined for the node itself. */
export function commandAt({ netns }: { readonly netns: string | undefined }, command: string): string {
  return netns === undefined ? command : `nsenter --net=${netns} ${command}`;
}
