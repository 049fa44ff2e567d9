// Prints what Khronos' validator finds in glTF files: counts, each kind of finding once, and what the file holds. Ends with code 1
// when there is an error. Run it through check_gltf.sh, which fetches the validator.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [library, ...files] = process.argv.slice(2);
const validator = createRequire(import.meta.url)(library);
const SEVERITIES = ["error", "warning", "info", "hint"];

let failed = false;
for (const file of files) {
  // A .vrma is a GLB, too, but the validator goes by what the bytes say, not by the name.
  const report = await validator.validateBytes(new Uint8Array(readFileSync(file)), {
    maxIssues: 0,
    externalResourceFunction: async () => {
      throw new Error("the file refers to another one");
    },
  });
  const { numErrors, numWarnings, numInfos, numHints, messages } = report.issues;
  const { animationCount, totalVertexCount, extensionsUsed } = report.info;
  console.log(
    `${path.basename(file)}: ${numErrors} errors, ${numWarnings} warnings, ${numInfos} infos, ${numHints} hints; ` +
      `${animationCount} animation, ${totalVertexCount} vertices, extensions ${(extensionsUsed ?? []).join(", ") || "none"}`,
  );
  const kinds = new Map();
  for (const { code, severity, message, pointer } of messages) {
    const kind = kinds.get(code) ?? { severity, message, pointer, count: 0 };
    kinds.set(code, { ...kind, count: kind.count + 1 });
  }
  for (const [code, { severity, message, pointer, count }] of kinds) {
    console.log(`  ${SEVERITIES[severity]} ${code}, ${count} times, first at ${pointer}: ${message}`);
  }
  if (numErrors > 0 || animationCount !== 1) {
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
