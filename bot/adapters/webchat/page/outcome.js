/** How a request ended, as a value: answered, later, unauthorized or refused. */

export const answered = (body) => ({ is: "answered", body });
export const later = (seconds = null) => ({ is: "later", seconds });
export const refused = (sentence) => ({ is: "refused", sentence });

/** No answer at all: the connection was lost, or none could be made. */
export const lost = () => ({ is: "later", seconds: null, lost: true });

export function outcomeOf(status, retryAfter, text) {
  const body = parsed(text);
  if (status >= 200 && status < 300) return body ? answered(body) : later(); // a hotel's login page also answers 200
  if (status === 401) return { is: "unauthorized", sentence: body?.error };
  if (status === 429 || status === 408 || status >= 500) return later(Number(retryAfter) || null);
  return refused(body?.error);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
