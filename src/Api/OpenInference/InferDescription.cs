using System.Text.Json;
using Microsoft.OpenApi;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Predictions;
using Swashbuckle.AspNetCore.SwaggerGen;
using static System.Net.Mime.MediaTypeNames;

namespace MnistLstm.Api.OpenInference;

/// <summary>Adds parameters, bodies and snake-case names of the protocol to the OpenAPI document.</summary>
internal sealed class InferDescription : IOperationFilter, ISchemaFilter
{
    public static void Describe(SwaggerGenOptions swagger)
    {
        swagger.OperationFilter<InferDescription>();
        swagger.SchemaFilter<InferDescription>();

        // The data of inputs and of outputs.
        swagger.MapType<Range>(Values);
        swagger.MapType<object>(Values);
    }

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        PathParameters.AddUnbound(operation, context);
        if (!context.ApiDescription.RelativePath!.EndsWith("/infer", StringComparison.Ordinal))
        {
            return;
        }

        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = InferenceProtocol.JsonLengthHeader,
            In = ParameterLocation.Header,
            Description = "Length of the JSON in bytes, if binary tensors follow; 0 if the body is one image.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0" },
        });
        operation.Parameters.Add(PredictionDescription.DeadlineParameter());
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, IOpenApiMediaType>
            {
                [Application.Json] = new OpenApiMediaType
                {
                    Schema = context.SchemaGenerator.GenerateSchema(typeof(InferRequest), context.SchemaRepository),
                    Example = Examples.Find("ModelInferRequest"),
                },
                [Application.Octet] = new OpenApiMediaType { Schema = PredictionDescription.Binary },
            },
        };
        OpenApiResponse answer = PredictionDescription.Timed(operation);
        answer.Content![Application.Octet] = new OpenApiMediaType
        {
            Schema = PredictionDescription.Binary,
            Example = $"{Examples.Find("ModelInfer-binary")!.ToJsonString()}(40 bytes: ten FP32 values)",
        };
        answer.Headers![InferenceProtocol.JsonLengthHeader] = new OpenApiHeader
        {
            Description = "Length of the JSON in bytes, if binary tensors follow.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
        };
    }

    /// <summary>Converts the names of properties to snake case.</summary>
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (OpenInferenceJson.Default.GetTypeInfo(context.Type) is not null
            && schema is OpenApiSchema { Properties: { } properties } named)
        {
            named.Properties = properties.ToDictionary(property => Snake(property.Key), property => property.Value);
            named.Required = named.Required?.Select(Snake).ToHashSet();
        }
    }

    private static OpenApiSchema Values() => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema() };

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
