/**
 * Protocol Buffers' wire format (proto3), as much of it as LiveDance's schema needs: varints, packed floats, bytes, strings and
 * messages inside messages. Numbers above 2^53 - 1 are not kept exactly; the schema has none.
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder();

/** Puts a message together. Fields with their type's zero are left out, as proto3 has it. */
export class Writer {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** @param {number} more bytes that are about to be written */
  #reserve(more) {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
  }

  /** @param {number} value whole, from 0 to 2^53 - 1 */
  #varint(value) {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  #tag(field, type) {
    this.#varint(field * 8 + type);
  }

  /**
   * An unsigned integer or an enum's value.
   * @param {number} field
   * @param {number} value
   * @param {boolean} always whether zero is written too (fields marked `optional`)
   */
  uint(field, value, always = false) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`field ${field}: ${value} is not from 0 to 2^53 - 1`);
    if (value !== 0 || always) {
      this.#tag(field, VARINT);
      this.#varint(value);
    }
    return this;
  }

  /** @param {number} field @param {boolean} value @param {boolean} always as with {@link Writer.uint} */
  bool(field, value, always = false) {
    return this.uint(field, value ? 1 : 0, always);
  }

  /** @param {number} field @param {Uint8Array} value @param {boolean} always whether emptiness is written too */
  bytes(field, value, always = false) {
    if (value.length > 0 || always) {
      this.#tag(field, LENGTH);
      this.#varint(value.length);
      this.#reserve(value.length);
      this.#bytes.set(value, this.#length);
      this.#length += value.length;
    }
    return this;
  }

  /** @param {number} field @param {string} value */
  string(field, value) {
    return this.bytes(field, utf8Encoder.encode(value));
  }

  /** @param {number} field @param {Writer} writer of the message inside; written even if it is empty */
  message(field, writer) {
    return this.bytes(field, writer.finish(), true);
  }

  /** @returns {Uint8Array<ArrayBuffer>} what was written so far */
  finish() {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Takes a message apart. Throws a `RangeError` where it ends too early or holds what no message holds. */
export class Reader {
  #bytes;
  #view;
  #at = 0;
  #type = VARINT;

  /** @param {Uint8Array} bytes of one message */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(length) {
    const from = this.#at;
    if (length > this.#bytes.length - from) throw new RangeError("the message ends in the middle of a field");
    this.#at = from + length;
    return from;
  }

  #expect(type) {
    if (this.#type !== type) throw new RangeError(`a field has wire type ${this.#type} where ${type} belongs`);
  }

  #varint() {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#bytes[this.#take(1)];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new RangeError("a number is longer than 64 bits");
  }

  /** @returns {number} the next field's number, 0 at the end */
  next() {
    if (this.#at === this.#bytes.length) return 0;
    const tag = this.#varint();
    this.#type = tag % 8;
    const field = Math.floor(tag / 8);
    if (field === 0) throw new RangeError("a field has number 0");
    return field;
  }

  uint() {
    this.#expect(VARINT);
    return this.#varint();
  }

  bool() {
    return this.uint() !== 0;
  }

  float() {
    this.#expect(FIXED32);
    return this.#view.getFloat32(this.#take(4), true);
  }

  double() {
    this.#expect(FIXED64);
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** @returns {Uint8Array} a view, not a copy */
  bytes() {
    this.#expect(LENGTH);
    const length = this.#varint();
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  string() {
    return utf8Decoder.decode(this.bytes());
  }

  /** @returns {Reader} of the message inside */
  message() {
    return new Reader(this.bytes());
  }

  /**
   * Floats of a `repeated float`, packed or one by one.
   * @param {Float32Array} before what the field held so far
   * @returns {Float32Array}
   */
  floats(before) {
    let more;
    if (this.#type === FIXED32) {
      more = Float32Array.of(this.float());
    } else {
      const packed = this.bytes();
      if (packed.length % 4 !== 0) throw new RangeError("packed floats end in the middle of one");
      const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
      more = new Float32Array(packed.length / 4);
      for (let i = 0; i < more.length; i++) more[i] = view.getFloat32(i * 4, true);
    }
    if (before.length === 0) return more;
    const all = new Float32Array(before.length + more.length);
    all.set(before);
    all.set(more, before.length);
    return all;
  }

  /** Leaves out a field that is not known. */
  skip() {
    switch (this.#type) {
      case VARINT:
        this.#varint();
        break;
      case FIXED64:
        this.#take(8);
        break;
      case LENGTH:
        this.bytes();
        break;
      case FIXED32:
        this.#take(4);
        break;
      default:
        throw new RangeError(`wire type ${this.#type} is not known`);
    }
  }
}
