import { render } from "preact";
import { connect } from "./state/store";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import { App } from "./ui/app";
import { picture_of } from "./video/camera_picture";

declare global {
  interface Window {
    /** For tests: what is drawn now. Reading it changes nothing. */
    __pasu: Readonly<{ drawn(camera: string): unknown; delay_s(camera: string): number | undefined }>;
  }
}
window.__pasu = Object.freeze({
  drawn: (camera: string) => structuredClone(picture_of(camera)?.drawn),
  delay_s: (camera: string) => picture_of(camera)?.delay_s,
});

connect();
render(<App />, document.getElementById("app")!);
