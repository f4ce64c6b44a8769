using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenApi;

/// <summary>Sorts the OpenAPI document for people, and adapts it for client generators.</summary>
internal sealed class DocumentOrder : IDocumentFilter
{
    private static readonly (string Name, string Description)[] Tags =
    [
        ("Predictions", "Read digits in pictures."),
        ("Models", "Loaded models and their accuracy."),
        ("Health", "Probes for orchestrators and load balancers."),
        ("Open Inference Protocol",
            "The protocol of KServe and Triton, version 2, over REST. The gRPC port serves it too."),
    ];

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        swaggerDoc.Tags = new HashSet<OpenApiTag>();
        foreach ((string name, string description) in Tags)
        {
            swaggerDoc.Tags.Add(new OpenApiTag { Name = name, Description = description });
        }

        OpenApiPaths paths = [];
        foreach ((string path, IOpenApiPathItem item) in swaggerDoc.Paths.OrderBy(path => TagIndex(path.Value)))
        {
            paths.Add(path, item);
        }

        swaggerDoc.Paths = paths;
        foreach (IOpenApiSchema schema in context.SchemaRepository.Schemas.Values)
        {
            Relax((OpenApiSchema)schema);
        }
    }

    private static int TagIndex(IOpenApiPathItem path)
    {
        string tag = path.Operations!.Values.First().Tags!.First().Name!;
        return Array.FindIndex(Tags, known => known.Name == tag);
    }

    /// <summary>
    /// Allows additional properties, because answers may get more in later versions. Removes "null" beside a reference,
    /// which can never match.
    /// </summary>
    private static void Relax(OpenApiSchema schema)
    {
        schema.AdditionalPropertiesAllowed = true;
        foreach (OpenApiSchema property in (schema.Properties?.Values ?? []).OfType<OpenApiSchema>())
        {
            if (property.AllOf is { Count: > 0 })
            {
                property.Type = null;
            }
        }
    }
}
