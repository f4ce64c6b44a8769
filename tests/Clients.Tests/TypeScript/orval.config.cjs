// The fetch client that orval makes sends any body but a form as JSON, so this selects the form.
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
