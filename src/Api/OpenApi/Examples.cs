using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenApi;

/// <summary>Adds to each operation examples of its parameters and answers, from Examples.json.</summary>
internal sealed class Examples : IOperationFilter
{
    /// <summary>The name of the example of a service that is not ready.</summary>
    internal const string NotReady = "not-ready";

    private static readonly JsonNode All = Read();

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string name = operation.OperationId!.Replace("ModelVersion", "Model", StringComparison.Ordinal);
        if (operation.Responses!["200"].Content!.TryGetValue("application/json", out IOpenApiMediaType? content)
            && Find(name) is { } example)
        {
            ((OpenApiMediaType)content).Example = example;
        }

        // At this point only the readiness probes have this status.
        if (operation.Responses.TryGetValue("503", out IOpenApiResponse? notReady))
        {
            notReady.Description = "Not ready: the service is stopping";
            ((OpenApiMediaType)notReady.Content!["application/json"]).Example = Find($"{name}-{NotReady}");
        }

        foreach (OpenApiParameter parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>()
            .Where(parameter => parameter.In == ParameterLocation.Path))
        {
            PathParameters.Describe(parameter);
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
