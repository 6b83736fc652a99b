// The nouns of the server's API, by their short names. schema.ts is generated from api/openapi.yaml.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Camera = Schemas["Camera"];
export type CameraConfig = Schemas["CameraConfig"];
export type CameraFigures = Schemas["CameraFigures"];
export type CameraReason = Schemas["CameraReason"];
export type CameraState = Schemas["CameraState"];
export type Detection = Schemas["Detection"];
export type Detections = Schemas["Detections"];
export type FieldProblem = Schemas["FieldProblem"];
export type LiveMessage = Schemas["LiveMessage"];
export type Server = Schemas["Server"];
export type VideoStart = Schemas["VideoStart"];
export type VideoEnd = Schemas["VideoEnd"];
/** What a client sends to add a camera: the rest has defaults. */
export type NewCamera = Pick<CameraConfig, "name" | "url"> & Partial<CameraConfig>;
/** [x, y, w, h] in source pixels, top-left origin. */
export type Box = Detection["box"];
