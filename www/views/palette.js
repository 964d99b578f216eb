/**
 * The colours of the canvases. They are the custom properties of the page's style sheets, read again when the theme changes,
 * so that what is drawn and what is laid out in HTML are of one palette.
 */

const NAMES = /** @type {const} */ ({
  ground: '--ground',
  surface: '--surface',
  ink: '--ink',
  muted: '--muted',
  line: '--line-strong',
  data: '--data',
  model: '--model',
  test: '--test',
  focus: '--focus',
  gradient: '--arrow-gradient',
  drift: '--arrow-drift',
  noise: '--arrow-noise',
  proposal: '--arrow-proposal',
  font: '--font',
});

/** @typedef {Record<keyof typeof NAMES, string>} Palette CSS colours, and the font family. */

/**
 * @param {Element} element Any element of the page.
 * @returns {Palette}
 */
export function readPalette(element) {
  const style = getComputedStyle(element);
  const entries = Object.entries(NAMES).map(([name, property]) => [name, style.getPropertyValue(property).trim()]);
  return /** @type {Palette} */ (Object.fromEntries(entries));
}
