#!/usr/bin/env node
// Only what every version of Node can load stands here: an old one is told what to do.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 26) {
  process.stderr.write(
    `seccf needs Node 26, this is ${process.versions.node}. Call it with npx or from an npm script: the package brings its own Node.\n`,
  );
  process.exitCode = 3;
} else {
  const { commandLine } = await import("./command-line.ts");
  process.exitCode = await commandLine(process.argv);
}
