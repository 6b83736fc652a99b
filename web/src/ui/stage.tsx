// Where the cameras are: packed in a grid, or one alone. A tile keeps its video from one view to the other.
import { computed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { fit, pack, type Rect } from "../layout/pack";
import { camera_aspects, camera_names, camera_of } from "../state/store";
import { is_phone, open_camera, page_in_use, sheet } from "../state/view";
import { budget_of, choose_playing } from "../video/budget";
import { Tile } from "./tile";

const kGap = 4;
const kTileWidthMin = 220;
const budget = budget_of(navigator.hardwareConcurrency || 2);

/** Pixels a second of each camera, as text: rates waver, and only a real change may change who plays. */
const costs_text = computed(() =>
  camera_names.value
    .map((name) => {
      const camera = camera_of(name);
      const fps = Math.max(5, Math.ceil((camera?.figures.source_fps ?? 0) / 5) * 5);
      return (camera?.width ?? 1280) * (camera?.height ?? 720) * fps;
    })
    .join(" "),
);

export function Stage() {
  const host = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 0, height: 0 });
  const scrolled = useSignal(0);
  useLayoutEffect(() => {
    const element = host.current!;
    const measure = () => (size.value = { width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const names = camera_names.value;
  const aspects = camera_aspects.value;
  const opened = open_camera.value;
  const { width, height } = size.value;
  const packing = pack(aspects, { width, height, gap: kGap, tile_width_min: kTileWidthMin, one_column: is_phone.value });
  const rect_of = (name: string, i: number): Rect | undefined => {
    if (name !== opened) return packing.rects[i];
    const rect = fit(aspects[i] ?? 16 / 9, width, height);
    return { ...rect, y: rect.y + scrolled.value };
  };
  const in_view = (rect: Rect) => rect.y < scrolled.value + height && rect.y + rect.height > scrolled.value;

  const costs = costs_text.value.split(" ").map(Number);
  const visible = new Set(
    names.filter((name, i) => {
      const rect = rect_of(name, i);
      return page_in_use.value && rect !== undefined && (opened ? name === opened : in_view(rect));
    }),
  );
  const wishes = names.map((name, i) => ({ name, pixels: costs[i] ?? 0 })).filter(({ name }) => visible.has(name));
  const playing = choose_playing(wishes, budget);

  const opened_aspect = opened === undefined ? 0 : aspects[names.indexOf(opened)];
  return (
    <div
      ref={host}
      class="stage"
      data-view={opened === undefined ? "grid" : "single"}
      style={is_phone.value && opened && sheet.value ? { flex: `0 0 min(calc(100vw / ${opened_aspect}), 50dvh)` } : {}}
      onScroll={(event) => (scrolled.value = event.currentTarget.scrollTop)}
    >
      <div class="tiles" style={{ height: `${packing.height}px` }}>
        {names.map((name, i) => {
          const rect = rect_of(name, i);
          if (!rect) return null;
          return (
            <Tile
              key={name}
              name={name}
              rect={rect}
              mode={opened === undefined ? "grid" : name === opened ? "single" : "hidden"}
              visible={visible.has(name)}
              play={playing.has(name)}
            />
          );
        })}
      </div>
    </div>
  );
}
