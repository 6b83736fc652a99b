// The picture shown where no video plays: a key frame now and then, or the last one before the video went.

/** Draws into a canvas, so that changing pictures never flashes. */
export class Still {
  private loading = false;
  /** Counts what was shown: an answer that comes late must not cover something newer. */
  private shown = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Loads the picture at `url`; keeps what is there where that fails. One at a time: more are passed over. */
  async load(url: string): Promise<boolean> {
    if (this.loading) return false;
    this.loading = true;
    const turn = ++this.shown;
    try {
      const response = await fetch(url);
      if (!response.ok) return false;
      const picture = await createImageBitmap(await response.blob());
      if (turn === this.shown) this.draw(picture, picture.width, picture.height);
      picture.close();
      return true;
    } catch {
      return false; // The server is away or the camera has no picture yet; their state says so.
    } finally {
      this.loading = false;
    }
  }

  /** Takes over what the video shows. */
  take(video: HTMLVideoElement): void {
    if (video.readyState < 2 || video.videoWidth === 0) return;
    ++this.shown;
    this.draw(video, video.videoWidth, video.videoHeight);
  }

  private draw(picture: CanvasImageSource, width: number, height: number): void {
    [this.canvas.width, this.canvas.height] = [width, height];
    this.canvas.getContext("2d")?.drawImage(picture, 0, 0);
  }
}
