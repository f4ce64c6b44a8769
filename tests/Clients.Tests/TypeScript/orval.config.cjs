// orval asks for Node 22.18, which loads a configuration in TypeScript; for this one in JavaScript 20.19 is enough.
//
// A function for each type of a body: predictWithFormData for the form, predictWithPng for the bytes of a PNG.
module.exports = {
  digits: {
    input: "../../../docs/openapi.json",
    output: {
      target: "../generated/orval.ts",
      client: "fetch",
      override: { splitByContentType: true },
    },
  },
};
