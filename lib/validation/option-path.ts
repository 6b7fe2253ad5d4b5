/** The option's own name: the last part of its path. */
export function optionName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** The path of an option in a section. The path of the outermost section is empty. */
export function pathTo(section: string, name: string): string {
  return section === '' ? name : `${section}.${name}`;
}
