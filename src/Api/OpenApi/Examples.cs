using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenApi;

/// <summary>Adds to each operation an example of its answer, from Examples.json.</summary>
internal sealed class Examples : IOperationFilter
{
    private static readonly JsonNode All = Read();

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string name = operation.OperationId!.Replace("ModelVersion", "Model", StringComparison.Ordinal);
        if (operation.Responses!["200"].Content!.TryGetValue("application/json", out IOpenApiMediaType? content)
            && Find(name) is { } example)
        {
            ((OpenApiMediaType)content).Example = example;
        }
    }

    /// <param name="name">The operation's name for its answer; append "Request" for its request.</param>
    internal static JsonNode? Find(string name) => All[name]?.DeepClone();

    private static JsonNode Read()
    {
        using Stream file = typeof(Examples).Assembly.GetManifestResourceStream(typeof(Examples), "Examples.json")!;
        return JsonNode.Parse(file)!;
    }
}
