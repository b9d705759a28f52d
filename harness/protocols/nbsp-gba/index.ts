export {
  BOOTSTRAPPING_INFO_PATH,
  type BootstrappingInfoResponse,
  type ProblemDetails,
} from "./messages.ts";
export { validateRequest, validateResponse } from "./validation.ts";
