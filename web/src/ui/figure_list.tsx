// Figures in a column; each says what it means when it is clicked.
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";

export interface Figure {
  name: string;
  value: string;
  /** What it means. */
  what: string;
}

function FigureRow({ name, value, what }: Figure) {
  const opened = useSignal(false);
  const id = useId();
  return (
    <li class="figure">
      <button
        class="figure-row"
        aria-expanded={opened.value}
        aria-controls={id}
        onClick={() => (opened.value = !opened.value)}
      >
        <span>{name}</span>
        <span class="figure-value figures">{value}</span>
      </button>
      <p id={id} class="figure-what" hidden={!opened.value}>
        {what}
      </p>
    </li>
  );
}

export const FigureList = ({ figures }: { figures: readonly Figure[] }) => (
  <ul class="figure-list">
    {figures.map((figure) => (
      <FigureRow key={figure.name} {...figure} />
    ))}
  </ul>
);
