// The fetch client that orval makes sends any body but a form as JSON, so it is told to take the form.
module.exports = {
  digits: {
    input: "../../../docs/openapi.json",
    output: {
      target: "../generated/orval.ts",
      client: "fetch",
      override: { contentType: { include: ["multipart/form-data", "application/json"] } },
    },
  },
};
