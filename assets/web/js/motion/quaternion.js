/** Quaternions in flat arrays, four numbers each: x, y, z, w. */

/**
 * Slerp of one quaternion into `out`, along the shorter way; a little outside 0..1 it goes on turning at the same speed.
 * @param {Float32Array} out
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {number} at where the quaternion begins in all three
 * @param {number} t
 */
export function slerp(out, a, b, at, t) {
  let cosine = a[at] * b[at] + a[at + 1] * b[at + 1] + a[at + 2] * b[at + 2] + a[at + 3] * b[at + 3];
  const sign = cosine < 0 ? -1 : 1;
  cosine = Math.min(1, cosine * sign);
  let wa = 1 - t;
  let wb = t;
  if (cosine < 0.9995) {
    const angle = Math.acos(cosine);
    const sine = Math.sin(angle);
    wa = Math.sin((1 - t) * angle) / sine;
    wb = Math.sin(t * angle) / sine;
  }
  wb *= sign;
  let length = 0;
  for (let i = at; i < at + 4; i++) {
    const value = a[i] * wa + b[i] * wb;
    out[i] = value;
    length += value * value;
  }
  length = Math.sqrt(length);
  if (length < 1e-6) {
    out.set(b.subarray(at, at + 4), at);
    return;
  }
  for (let i = at; i < at + 4; i++) out[i] /= length;
}

/**
 * The mirror image of a humanoid's pose across the plane x = 0: each bone takes the other side's rotation, mirrored.
 * @param {Float32Array} rotations four numbers a bone
 * @param {number[]} opposite for each bone the place of the other side's
 * @param {Float32Array} out
 */
export function mirrorRotations(rotations, opposite, out) {
  for (let bone = 0; bone < opposite.length; bone++) {
    const from = opposite[bone] * 4;
    const to = bone * 4;
    out[to] = rotations[from];
    out[to + 1] = -rotations[from + 1];
    out[to + 2] = -rotations[from + 2];
    out[to + 3] = rotations[from + 3];
  }
}
