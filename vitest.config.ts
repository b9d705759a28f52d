import { defineConfig } from "vitest/config";

/** The project's own tests; the conformance run has its own configuration in harness/cli/engine. */
export default defineConfig({
  test: {
    include: [
      "harness/**/*.test.ts",
      "reports/**/*.test.ts",
      "suites/**/*.test.ts",
      "profiles/**/*.test.ts",
      "*.test.ts",
    ],
    // What a command prints is compared as text; vitest asks its workers for colours where CI has none to show.
    env: { NO_COLOR: "1" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
