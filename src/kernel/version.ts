export type KernelVersion = readonly [major: number, minor: number];

/** `5.10.0-32-cloud-amd64` → [5, 10]; null where the release does not begin with a version. */
export function kernelVersion(release: string): KernelVersion | null {
  const match = /^(\d{1,3})\.(\d{1,4})/.exec(release);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/** A release without a version counts as new: what it can do is judged by effect all the same. */
export function atLeast(release: string, [major, minor]: KernelVersion): boolean {
  const version = kernelVersion(release);
  return version === null || version[0] > major || (version[0] === major && version[1] >= minor);
}
