// Track colours that colour-blind people can tell apart (Okabe and Ito, "Color Universal Design", 2008), in the order
// that draw::palette_color() burns into pictures.

const kPalette = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"] as const;

export const palette_color = (id: number): string => kPalette[id % kPalette.length] ?? kPalette[0];

/** Black or white, whichever is easier to read on `color` (#rrggbb); WCAG 2.1 relative luminance. */
export function ink_on(color: string): string {
  const channel = (at: number) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return luminance > 0.179 ? "#000000" : "#ffffff";
}
