// Puts a function to work beside the page, so that the page can be used meanwhile.
var cnn = cnn || {};

// Return what asks the worker: ask(name, given) is a promise of its answer. The worker is made of the function's own
// text, because a page at file:// may load no worker; it gets one message at a time, [name, given], and answers each,
// or tells what failed: {failed: 'why'}.
cnn.employ = function (work) {
  'use strict';
  const made = new Worker(URL.createObjectURL(new Blob([`(${work})()`])));
  let last = Promise.resolve();
  return (name, given) => {
    const answer = () => new Promise((resolve, reject) => {
      made.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(data));
      made.onerror = (event) => reject(new Error(event.message));
      made.postMessage([name, given]);
    });
    return (last = last.then(answer, answer));
  };
};

// Return a program in WebAssembly, and whether it takes several numbers at a time, which not every browser can.
cnn.program = async function (name) {
  'use strict';
  const bytesOf = async (kind) => {
    await cnn.load([`${name}-${kind}.js`]);
    return cnn.bytes(cnn.data[`${name}-${kind}`]);
  };
  const program = await bytesOf('simd');
  return WebAssembly.validate(program) ? { program, isFast: true } : { program: await bytesOf('plain'), isFast: false };
};
