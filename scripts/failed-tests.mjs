/**
 * The tests that a report of vitest's says failed, a line each: file, name and why. Where a file could not be run at all, the file.
 * @param results vitest's JSON report
 * @param root folder that the files are told from
 */
export function failedTests(results, root) {
  return results.testResults.flatMap((file) => {
    const name = file.name.startsWith(root) ? file.name.slice(root.length) : file.name;
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && file.status === 'failed') return [`${name}: ${oneLine(file.message)}`];
    return failed.map((test) => `${name} > ${test.fullName}: ${oneLine(test.failureMessages.join(' '))}`);
  });
}

/** The first 400 characters of a text that may have many lines, on one. */
function oneLine(text) {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 400);
}
