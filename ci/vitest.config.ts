import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:products`: the harness against programs that others wrote (`ci/setup-products.sh` installs them). */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["ci/products/*.test.ts"],
    globalSetup: ["ci/products/required-programs.ts"],
    // Names each test, and the reason where one is skipped.
    reporters: ["verbose"],
    maxWorkers: "100%",
    isolate: false,
    env: { NO_COLOR: "1" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
