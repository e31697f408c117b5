// Kubernetes drops what it does not know, so a word that is misspelt has no effect. The validators that are made of its
// schemas let such words pass, but they look only at what the schemas name.

/** The paths in an object of what a validator has not looked at. */
export function unreadBy(validate: (value: object) => void, object: object): string[] {
  const read = new Set<string>();
  const watched = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    return new Proxy(value, {
      get(target, key) {
        const inner = `${path}/${String(key)}`;
        read.add(inner);
        return watched(Reflect.get(target, key), inner);
      },
    });
  };
  validate(watched(object, '') as object);
  return pathsIn(object, '').filter(path => !read.has(path));
}

function pathsIn(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${path}/${key}`, ...pathsIn(inner, `${path}/${key}`)]);
}
