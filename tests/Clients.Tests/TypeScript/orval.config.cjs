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
