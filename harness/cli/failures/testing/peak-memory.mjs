// Loaded before seccf (--import): tells at the end how much memory the main process, with its workers, had at most.
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

const path = process.env.SECCF_TEST_PEAK;
if (isMainThread && path !== undefined) {
  process.on("exit", () => {
    try {
      writeFileSync(path, String(process.resourceUsage().maxRSS));
    } catch {
      // A test that lets files be no longer than some octets does not ask for it.
    }
  });
}
