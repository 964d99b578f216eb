/** Histograms. */

/**
 * Bars of counts: [x, y, width, height] each, the tallest as high as the drawing.
 * @param {ArrayLike<number>} counts
 * @param {number} width
 * @param {number} height
 */
export function bars(counts, width, height) {
  let most = 0;
  for (let i = 0; i < counts.length; i++) most = Math.max(most, counts[i]);
  const step = width / counts.length;
  return Array.from({ length: counts.length }, (_, i) => {
    const h = most > 0 ? (counts[i] / most) * height : 0;
    return [i * step, height - h, Math.max(0.5, step - 1), h];
  });
}
