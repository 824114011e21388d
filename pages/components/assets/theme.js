// Colours that depend on the theme: Streamlit's own, those mixed from them, and tokens made colours.

export function themeOf(node) {
  const css = getComputedStyle(node);
  const read = (name) => css.getPropertyValue(`--st-${name}`).trim();
  const text = read("text-color"), background = read("background-color");
  return {
    key: text + background,
    font: read("font"),
    text,
    background,
    muted: mix(text, background, 0.68),
    grid: mix(text, background, 0.11),
    band: mix(text, background, 0.07),
  };
}

// A copy of `value` in which tokens are colours; long rows of numbers are passed on as they are.
export function resolve(value, theme) {
  if (typeof value === "string") return value[0] === "@" ? theme[value.slice(1)] ?? value : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const plain = typeof value[0] === "number" && typeof value.at(-1) !== "string";
    return plain ? value : value.map((item) => resolve(item, theme));
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item, theme)]));
}

// `color`, moved towards the text colour until it stands out from the background (WCAG contrast).
export function legible(color, theme, contrast) {
  if (!color?.startsWith("#")) return color;
  for (let share = 0; share < 1; share += 0.05) {
    const moved = mix(theme.text, color, share);
    const [low, high] = [luminance(moved), luminance(theme.background)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) >= contrast) return moved;
  }
  return theme.text;
}

function mix(color, other, share) {
  const [from, to] = [channels(other), channels(color)];
  return `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * share)).join()})`;
}

function channels(color) {
  if (color[0] !== "#") return color.match(/[\d.]+/g).slice(0, 3).map(Number);
  const hex = color.length === 4 ? color.replace(/[^#]/g, "$&$&") : color;
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function luminance(color) {
  const [r, g, b] = channels(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
