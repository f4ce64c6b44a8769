using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using MnistLstm.Api.Uploads;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenInference;

/// <summary>Adds to the OpenAPI document what the types of the protocol do not say.</summary>
internal sealed class InferDescription : IOperationFilter, ISchemaFilter
{
    /// <summary>
    /// The golden sample as a PNG, in base64. Written down, since other versions of zlib pack it in other bytes.
    /// </summary>
    private const string Sample =
        "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAfklEQVR4AcXBQQHEMAhFwS8EIRiJEITECEIQgpG3bffWJOfO6HOm"
        + "k5HdNV07waOHVgNyeBTtWiSpixVTiyjXLUgdBaWjZGrPPMG1lQ2E9opLaM88CoaOktKRg+vN9GeN68U79Ri06WXANEmjSS0mdM6C"
        + "Mq2iuaVrx2LOcH3sB4uZU8btlzjpAAAAAElFTkSuQmCC";

    private const string RequestExample = $$"""
        {"id":"42","inputs":[{"name":"rows","shape":[1],"datatype":"BYTES","data":["{{Sample}}"]}],
         "outputs":[{"name":"probabilities"}]}
        """;

    private static OpenApiSchema Text => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Whole => new() { Type = JsonSchemaType.Integer };

    private static OpenApiMediaType Binary => new()
    {
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
    };

    private static OpenApiSchema Values => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema() };

    public static void Describe(SwaggerGenOptions swagger)
    {
        swagger.OperationFilter<InferDescription>();
        swagger.SchemaFilter<InferDescription>();
        swagger.MapType<TensorData>(() => Values);
    }

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string path = context.ApiDescription.RelativePath!;
        foreach (string name in new[] { OpenInferenceApi.ModelParameter, OpenInferenceApi.VersionParameter })
        {
            if (path.Contains($"{{{name}}}", StringComparison.Ordinal))
            {
                (operation.Parameters ??= []).Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = Text,
                });
            }
        }

        if (path.EndsWith("/infer", StringComparison.Ordinal))
        {
            operation.Parameters!.Add(Header(InferenceProtocol.HeaderLength, Whole,
                "Length of the JSON in bytes, if binary tensors follow; 0 if the body is one image."));
            operation.Parameters.Add(Header(RequestDeadline.Header, new OpenApiSchema { Type = JsonSchemaType.Number },
                "Maximum seconds to wait, such as 2 or 0.5."));
            IOpenApiSchema request =
                context.SchemaGenerator.GenerateSchema(typeof(InferRequest), context.SchemaRepository);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, IOpenApiMediaType>
                {
                    [InferenceProtocol.JsonType] = new OpenApiMediaType
                    {
                        Schema = request,
                        Example = JsonNode.Parse(RequestExample),
                    },
                    [InferenceProtocol.BinaryType] = Binary,
                },
            };
            var answer = (OpenApiResponse)operation.Responses!["200"];
            answer.Content![InferenceProtocol.BinaryType] = Binary;
            answer.Headers = new Dictionary<string, IOpenApiHeader>
            {
                [InferenceProtocol.HeaderLength] = new OpenApiHeader
                {
                    Description = "Length of the JSON in bytes, if binary tensors follow.",
                    Schema = Whole,
                },
                ["Server-Timing"] = new OpenApiHeader
                {
                    Description = "Milliseconds for decode, normalize, queue and infer.",
                    Schema = Text,
                },
            };
        }
    }

    /// <summary>Names the properties as the protocol does.</summary>
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (context.Type.Namespace == typeof(InferDescription).Namespace
            && schema is OpenApiSchema { Properties: { } properties } named)
        {
            named.Properties = properties.ToDictionary(property => Snake(property.Key), property => property.Value);
            named.Required = named.Required?.Select(Snake).ToHashSet();
        }

        if (context.MemberInfo?.DeclaringType == typeof(InferOutputTensor) && context.Type == typeof(object))
        {
            ((OpenApiSchema)schema).Type = Values.Type;
            ((OpenApiSchema)schema).Items = Values.Items;
        }
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    private static OpenApiParameter Header(string name, OpenApiSchema schema, string description) =>
        new() { Name = name, In = ParameterLocation.Header, Schema = schema, Description = description };
}
