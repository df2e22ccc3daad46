/** z for a two-sided 95 % interval. */
const Z_95 = 1.959963984540054;

/**
 * Wilson's score interval (95 %) of a proportion: `successes` of `trials`. Unlike the normal approximation it
 * says something sensible at 0 of n and n of n (Wilson 1927; Brown, Cai and DasGupta 2001). `[0, 1]` for no trials.
 */
export function wilsonInterval(successes: number, trials: number): readonly [number, number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const z2 = Z_95 ** 2 / trials;
  const centre = share + z2 / 2;
  const spread = Z_95 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials));
  const low = (centre - spread) / (1 + z2);
  const high = (centre + spread) / (1 + z2);
  return [successes === 0 ? 0 : Math.max(0, low), successes === trials ? 1 : Math.min(1, high)];
}
