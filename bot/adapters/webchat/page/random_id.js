/** 32 random letters and digits; crypto.randomUUID would need https, which a shop's test server may lack. */

export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
