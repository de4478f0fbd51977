// Says whether this Node can run the program. Written in old syntax and importing nothing, so that
// an old Node gets as far as printing the message.

/**
 * The floor of package.json's "engines": major, minor; a test keeps the two equal.
 * @type {readonly [number, number]}
 */
export const NODE_FLOOR = [20, 19];

/**
 * One line that says what is wrong and how to mend it, or null when the version will do.
 * @param {string} version as in process.versions.node, e.g. "20.19.0"
 * @returns {string | null}
 */
export function nodeVersionProblem(version) {
  const parts = version.split('.');
  const major = Number(parts[0]);
  const minor = Number(parts[1]);
  const enough = major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1]);
  if (enough) return null;
  const floor = `${NODE_FLOOR.join('.')}.0`;
  return (
    `farb needs Node ${floor} or newer, this is Node ${version}: install a newer one ` +
    '(for example with nvm or fnm: "nvm install 22"), then run the same command again'
  );
}

/** Ends the process with exit code 2 and the line above when this Node is too old. */
export function requireNode() {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem === null) return;
  process.stderr.write(`${problem}\n`);
  process.exit(2);
}
