/**
 * Scales pictures and encodes them as JPEG, beside the page's own thread.
 * In: `{id, bitmap, width, height, quality}`; out: `{id, jpeg}` or `{id, error}`.
 */

let canvas = null;
let context = null;

self.onmessage = async ({ data: { id, bitmap, width, height, quality } }) => {
  try {
    if (!canvas || canvas.width !== width || canvas.height !== height) {
      canvas = new OffscreenCanvas(width, height);
      context = canvas.getContext("2d", { alpha: false, desynchronized: true });
      context.imageSmoothingQuality = "medium";
    }
    context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const jpeg = await blob.arrayBuffer();
    self.postMessage({ id, jpeg }, [jpeg]);
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
