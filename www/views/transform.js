/**
 * World ↔ plot. A view is a world point in the middle and the world units along the plot's shorter side; the plot measures
 * CSS pixels from its upper left corner, with y downwards. Everything that draws or is pointed at goes through here.
 */

/** @typedef {{centre: [number, number], span: number}} View */
/** @typedef {ReturnType<typeof makeTransform>} Transform */

/** The whole world of the page, [−4, 4]². @type {View} */
export const HOME = { centre: [0, 0], span: 8 };

/** Spans that zooming reaches: from single sampler steps to well outside the quadrature grid. */
const SPAN = { least: 0.05, most: 32 };
/** How far the middle of the view may wander from the origin, world units. */
const WANDER = 12;

/**
 * @param {View} view
 * @param {number} width CSS pixels.
 * @param {number} height CSS pixels.
 */
export function makeTransform(view, width, height) {
  const [cx, cy] = view.centre;
  /** CSS pixels a world unit. */
  const scale = Math.min(width, height) / view.span;
  const x0 = width / 2 - cx * scale;
  const y0 = height / 2 + cy * scale;
  return {
    width,
    height,
    scale,
    /** @param {number} x World. */
    x: (x) => x0 + x * scale,
    /** @param {number} y World. */
    y: (y) => y0 - y * scale,
    /** @param {number} px Plot. */
    worldX: (px) => (px - x0) / scale,
    /** @param {number} py Plot. */
    worldY: (py) => (y0 - py) / scale,
    /** World seen: x from, to, y from, to. @type {[number, number, number, number]} */
    extent: [-x0 / scale, (width - x0) / scale, (y0 - height) / scale, y0 / scale],
  };
}

/**
 * The view after zooming in by `factor` about a world point, which stays where it is on the plot.
 * @param {View} view
 * @param {number} factor Above 1 zooms in.
 * @param {[number, number]} at World.
 * @returns {View}
 */
export function zoomed(view, factor, at) {
  const span = clamp(view.span / factor, SPAN.least, SPAN.most);
  const kept = span / view.span;
  return limited(at[0] + (view.centre[0] - at[0]) * kept, at[1] + (view.centre[1] - at[1]) * kept, span);
}

/**
 * The view after the plot's content was pushed by some world units.
 * @param {View} view
 * @param {number} dx
 * @param {number} dy
 * @returns {View}
 */
export function panned(view, dx, dy) {
  return limited(view.centre[0] - dx, view.centre[1] - dy, view.span);
}

/** @param {number} x @param {number} y @param {number} span @returns {View} */
function limited(x, y, span) {
  return { centre: [clamp(x, -WANDER, WANDER), clamp(y, -WANDER, WANDER)], span };
}

/** @param {number} x @param {number} least @param {number} most */
function clamp(x, least, most) {
  return Math.min(most, Math.max(least, x));
}
