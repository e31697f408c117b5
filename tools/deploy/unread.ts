// Kubernetes drops unknown fields, so a misspelt one has no effect. Validators that are generated from its schemas accept
// such fields, but they access only the fields that the schemas name.

/** Paths of the fields in an object that a validator has not accessed. */
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
