// Formats changelogs, for .changeset/config.json. Readers want to know what changed, so changelogs contain no commits, and
// only the versions of dependencies.
import type { ChangelogFunctions } from '@changesets/types';

const functions: ChangelogFunctions = {
  getReleaseLine: ({ summary }) => `- ${summary.trim().replaceAll('\n', '\n  ')}`,
  getDependencyReleaseLine: (_, updated) => {
    const versions = updated.map(({ name, newVersion }) => `\`${name}\` ${newVersion}`);
    return versions.length > 0 ? `- Stands on ${versions.join(', ')}.` : '';
  },
};

export default functions;
