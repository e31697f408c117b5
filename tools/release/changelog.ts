// How .changeset/config.json has the changelogs written. Those who read them look for what changed: they get no commits, and
// of the packages underneath the versions alone.
import type { ChangelogFunctions } from '@changesets/types';

const functions: ChangelogFunctions = {
  getReleaseLine: ({ summary }) => `- ${summary.trim().replaceAll('\n', '\n  ')}`,
  getDependencyReleaseLine: (_, updated) => {
    const versions = updated.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`);
    return versions.length > 0 ? `- Stands on ${versions.join(', ')}.` : '';
  },
};

export default functions;
