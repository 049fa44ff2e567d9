/**
 * Where pictures come from: a camera, or a video file that the user chose. Both play in one video element.
 *
 * @typedef {{kind: "camera", deviceId: string, height: number} | {kind: "file", file: File}} SourceChoice
 */

/** Why there are no pictures, in a sentence that says what to do. */
export class SourceError extends Error {}

/**
 * @param {unknown} error of `getUserMedia`
 * @returns {SourceError}
 */
export function cameraError(error) {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new SourceError("The camera was not allowed. Allow it in the browser's address bar, then start again; or choose a video file.");
    case "NotFoundError":
    case "DevicesNotFoundError":
      return new SourceError("No camera was found. Connect one, then start again; or choose a video file.");
    case "NotReadableError":
    case "TrackStartError":
      return new SourceError("The camera is used by another program. Close that program, then start again.");
    case "OverconstrainedError":
      return new SourceError("The camera does not offer what was asked for. Choose another camera or resolution.");
    default:
      return new SourceError(`The camera cannot be opened: ${error instanceof Error ? error.message : error}`);
  }
}

/** Cameras are named only once one was allowed. @returns {Promise<MediaDeviceInfo[]>} */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter((device) => device.kind === "videoinput");
}

/** Events: `frame` (`detail`: when it was taken, milliseconds of `performance.now()`) and `ended` (the camera was unplugged). */
export class Source extends EventTarget {
  /** @type {HTMLVideoElement} */
  video;
  /** @type {SourceChoice | null} */
  choice = null;
  #stream = null;
  #objectUrl = "";
  #run = 0;

  /** @param {HTMLVideoElement} video that shows the pictures */
  constructor(video) {
    super();
    this.video = video;
  }

  /** @param {SourceChoice} choice @throws {SourceError} */
  async start(choice) {
    this.stop();
    const run = ++this.#run;
    if (choice.kind === "camera") await this.#openCamera(choice, run);
    else await this.#openFile(choice.file);
    if (run !== this.#run) return;
    this.choice = choice;
    this.#watch(run);
  }

  stop() {
    this.#run += 1;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
    if (this.#objectUrl) {
      URL.revokeObjectURL(this.#objectUrl);
      this.#objectUrl = "";
      this.video.removeAttribute("src");
      this.video.load();
    }
    this.choice = null;
  }

  /** The camera's own id; empty for files. */
  get deviceId() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().deviceId ?? "";
  }

  async #openCamera({ deviceId, height }, run) {
    if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      throw new SourceError("Browsers give cameras only to pages over HTTPS or from this computer (localhost). Open this page so, or choose a video file.");
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: {
          deviceId: deviceId ? { exact: deviceId } : undefined,
          facingMode: deviceId ? undefined : "user",
          height: { ideal: height },
          frameRate: { ideal: 60, min: 15 },
        },
      });
    } catch (error) {
      // A camera that was chosen earlier may be gone, and few offer any frame rate: ask for less.
      if (error instanceof Error && error.name === "OverconstrainedError") {
        stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: true }).catch((again) => {
          throw cameraError(again);
        });
      } else {
        throw cameraError(error);
      }
    }
    if (run !== this.#run) {
      for (const track of stream.getTracks()) track.stop();
      return;
    }
    this.#stream = stream;
    stream.getVideoTracks()[0].addEventListener("ended", () => {
      if (run === this.#run) this.dispatchEvent(new Event("ended"));
    });
    this.video.srcObject = stream;
    await this.video.play().catch(() => {});
  }

  async #openFile(file) {
    this.#objectUrl = URL.createObjectURL(file);
    this.video.loop = true;
    this.video.muted = true;
    const ready = new Promise((resolve, reject) => {
      this.video.onloadeddata = resolve;
      this.video.onerror = () => reject(new SourceError(`The browser cannot play “${file.name}”. Choose an MP4 (H.264) or WebM file.`));
    });
    this.video.src = this.#objectUrl;
    try {
      await ready;
    } finally {
      this.video.onloadeddata = this.video.onerror = null;
    }
    if (this.video.videoWidth === 0) throw new SourceError(`“${file.name}” has no picture.`);
    await this.video.play();
  }

  #watch(run) {
    const tell = (takenAt) => this.dispatchEvent(new CustomEvent("frame", { detail: takenAt }));
    if ("requestVideoFrameCallback" in HTMLVideoElement.prototype) {
      const next = (now, metadata) => {
        if (run !== this.#run) return;
        // Where the browser knows when the camera took the picture, that counts; it must be believable.
        const taken = metadata.captureTime;
        tell(taken > now - 500 && taken <= now ? taken : now);
        this.video.requestVideoFrameCallback(next);
      };
      this.video.requestVideoFrameCallback(next);
    } else {
      let shown = -1;
      const next = (now) => {
        if (run !== this.#run) return;
        if (this.video.currentTime !== shown && this.video.videoWidth > 0) {
          shown = this.video.currentTime;
          tell(now);
        }
        requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    }
  }
}
