/** This package as its users get it. */
export interface PackedPackage {
  readonly tarball: string;
  /** Relative to the package's own folder. */
  readonly files: readonly string[];
}

/** What was packed before the first test file. */
export function packedPackage(): PackedPackage {
  return JSON.parse(process.env['PACKED_PACKAGE'] ?? '') as PackedPackage;
}
