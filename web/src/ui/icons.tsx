// The page's icons: 16 x 16 lines in the colour of the text beside them. The control around one carries its name.
import type { ComponentChildren } from "preact";

const Icon = ({ children }: { children: ComponentChildren }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    {children}
  </svg>
);

export const PersonIcon = () => (
  <Icon>
    <circle cx="8" cy="5" r="2.5" />
    <path d="M3.5 13.5c0-2.7 2-4.3 4.5-4.3s4.5 1.6 4.5 4.3" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.25" />
    <path d="M10.3 10.3 14 14" />
  </Icon>
);
export const PlusIcon = () => (
  <Icon>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M10 3 5 8l5 5" />
  </Icon>
);
export const ForwardIcon = () => (
  <Icon>
    <path d="m6 3 5 5-5 5" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);
export const DetailsIcon = () => (
  <Icon>
    <rect x="2" y="3" width="12" height="10" rx="1.5" />
    <path d="M10 3v10" />
  </Icon>
);
export const BoxesIcon = () => (
  <Icon>
    <path d="M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3" />
    <circle cx="8" cy="8" r="1.5" />
  </Icon>
);
export const FullscreenIcon = () => (
  <Icon>
    <path d="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5l-4 4M2.5 13.5l4-4" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M13.2 9.6A5.7 5.7 0 0 1 6.4 2.8a5.7 5.7 0 1 0 6.8 6.8z" />
  </Icon>
);
export const WarningIcon = () => (
  <Icon>
    <path d="M8 2.3 14.5 13.5h-13zM8 6.5v3.25M8 11.5v.1" />
  </Icon>
);
export const LostIcon = () => (
  <Icon>
    <path d="M2.5 2.5l11 11M3 6.5A8 8 0 0 1 5.5 5M8 4.2c1.9 0 3.7.8 5 2.3M5 9a4.3 4.3 0 0 1 2.3-1.2M8 12.3v.1" />
  </Icon>
);
export const BlockedIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="5.5" />
    <path d="m4.2 4.2 7.6 7.6" />
  </Icon>
);
export const PowerIcon = () => (
  <Icon>
    <path d="M8 2.5V8M4.5 4.6a5 5 0 1 0 7 0" />
  </Icon>
);
export const KeyboardIcon = () => (
  <Icon>
    <rect x="1.5" y="4" width="13" height="8.5" rx="1.5" />
    <path d="M4 6.8h.1M6.7 6.8h.1M9.3 6.8h.1M12 6.8h.1M5 9.8h6" />
  </Icon>
);
export const ServerIcon = () => (
  <Icon>
    <rect x="2" y="2.5" width="12" height="4.5" rx="1" />
    <rect x="2" y="9" width="12" height="4.5" rx="1" />
    <path d="M4.5 4.75h.1M4.5 11.25h.1" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="m4 6 4 4 4-4" />
  </Icon>
);

/** The mark of the name: somebody, seen. */
export const BrandMark = () => (
  <svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true">
    <path d="M2 6.5V2h4.5M13.5 2H18v4.5M18 13.5V18h-4.5M6.5 18H2v-4.5" />
    <circle cx="10" cy="7.8" r="2.2" />
    <path class="solid" d="M5.8 14.6c0-2.5 1.9-3.9 4.2-3.9s4.2 1.4 4.2 3.9z" />
  </svg>
);
