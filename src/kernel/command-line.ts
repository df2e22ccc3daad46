/** The kernel's command line, read as the kernel reads it (lib/cmdline.c, next_arg; kernel/params.c, parse_args). */

export interface KernelParameter {
  /** With `-` as `_`: the kernel takes the two for one in names. */
  readonly name: string;
  /** Null without `=`. Quotes around it are gone. */
  readonly value: string | null;
}

/** The words as they stand, quotes and all; spaces within quotes do not part. Includes what follows `--`. */
export function words(line: string): readonly string[] {
  return line.match(/(?:"[^"]*(?:"|$)|[^ \t\n\v\f\r"])+/g) ?? [];
}

/** Where the kernel stops reading: the index of `--` among the words, or their number. */
export function endOfParameters(line: readonly string[]): number {
  const end = line.findIndex((word) => bare(word) === '--');
  return end === -1 ? line.length : end;
}

/** What the kernel itself reads: up to `--`, in order, repeated ones too. */
export function parameters(line: string): readonly KernelParameter[] {
  const all = words(line);
  return all.slice(0, endOfParameters(all)).map(parameter);
}

export function parameter(word: string): KernelParameter {
  const whole = word.startsWith('"') ? bare(word) : word;
  const equals = whole.indexOf('=');
  if (equals === -1) return { name: normal(whole), value: null };
  return { name: normal(whole.slice(0, equals)), value: bare(whole.slice(equals + 1)) };
}

/** Whether two words mean the same parameter with the same value. */
export function sameParameter(one: string, other: string): boolean {
  const [a, b] = [parameter(one), parameter(other)];
  return a.name === b.name && a.value === b.value;
}

/** Whether the kernel reads this option, written `name` or `name=value`, on the line. */
export function hasOption(line: string, option: string): boolean {
  const wanted = parameter(option);
  return parameters(line).some(({ name, value }) => name === wanted.name && value === wanted.value);
}

/** What `swapaccount=` ends up as: the last `0` or `1` wins, anything else is ignored by the kernel. */
export function swapAccount(line: string): 0 | 1 | null {
  const last = valuesOf(line, 'swapaccount').findLast((value) => value === '0' || value === '1');
  return last === undefined ? null : last === '1' ? 1 : 0;
}

/** `cgroup_disable=` takes a list; one that names memory is enough. */
export function disablesMemory(line: string): boolean {
  return valuesOf(line, 'cgroup_disable').some(namesMemory);
}

function valuesOf(line: string, name: string): readonly string[] {
  return parameters(line).flatMap((one) => (one.name === name && one.value !== null ? [one.value] : []));
}

function namesMemory(list: string): boolean {
  return list.split(',').includes('memory');
}

function normal(name: string): string {
  return name.replaceAll('-', '_');
}

/** Without the quote before and the quote behind. */
function bare(text: string): string {
  return text.startsWith('"') ? text.slice(1).replace(/"$/, '') : text;
}
