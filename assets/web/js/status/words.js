/** Numbers as operators read them. */

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.floor(seconds);
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const first = parts.findIndex(([length]) => whole >= length);
  if (first < 0) return "0 s";
  const [length, unit] = parts[first];
  const rest = parts[first + 1];
  const text = `${Math.floor(whole / length)} ${unit}`;
  return rest ? `${text} ${Math.floor((whole % length) / rest[0])} ${rest[1]}` : text;
}

/** @param {number} value */
export function plain(value) {
  return Number.isFinite(value) ? value.toLocaleString("en") : "–";
}

/** @param {number} value */
export function bytes(value) {
  if (value >= 1 << 20) return `${(value / (1 << 20)).toFixed(value % (1 << 20) ? 1 : 0)} MiB`;
  return value >= 1024 ? `${(value / 1024).toFixed(0)} KiB` : `${value} B`;
}

/** `clients_per_address` as a label. @param {string} name */
export function label(name) {
  const units = { s: "(s)", ms: "(ms)", px: "(px)", bytes: "" };
  const words = name.split("_");
  const unit = words.length > 1 ? units[words.at(-1)] : undefined;
  const text = (unit === undefined ? words : words.slice(0, -1)).join(" ");
  return `${text[0].toUpperCase()}${text.slice(1)}${unit ? ` ${unit}` : ""}`;
}
