/** Chooses the control for a described field: the one place that knows them all. */
import { checklist } from "./checklist.js";
import { dates } from "./dates.js";
import { entry, fixed, lines, oneOf, toggle } from "./single.js";

const makers = { dates, several: checklist, one: oneOf, boolean: toggle, lines, fixed };

/**
 * A control: {element, read(), showProblem(sentence, path), clearProblem(), focus(), claims(path)}. `read` gives an
 * object to merge; `element` is null where there is nothing to show.
 */
export function controlFor(field) {
  const claims = (path) =>
    path === field.name || path.startsWith(`${field.name}.`) || path.startsWith(`${field.name}[`);
  return { claims, ...(makers[field.kind] ?? entry)(field) };
}
