using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenApi;

/// <summary>Adds to each operation an example of its answer, from AnswerExamples.json.</summary>
internal sealed class AnswerExamples : IOperationFilter
{
    private readonly JsonNode _examples = Read();

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string name = operation.OperationId!.Replace("ModelVersion", "Model", StringComparison.Ordinal);
        if (_examples[name] is { } example
            && operation.Responses!["200"].Content!.TryGetValue("application/json", out IOpenApiMediaType? content))
        {
            ((OpenApiMediaType)content).Example = example.DeepClone();
        }
    }

    private static JsonNode Read()
    {
        using Stream file =
            typeof(AnswerExamples).Assembly.GetManifestResourceStream(typeof(AnswerExamples), "AnswerExamples.json")!;
        return JsonNode.Parse(file)!;
    }
}
