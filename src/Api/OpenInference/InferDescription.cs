using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using MnistLstm.Shared.Models;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenInference;

/// <summary>Writes what <c>infer</c> takes and gives into the OpenAPI document.</summary>
internal sealed class InferDescription : IOperationFilter
{
    /// <summary>The golden sample as a PNG, in base64. Written down, since other versions of zlib pack it in other bytes.</summary>
    private const string Sample =
        "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAfklEQVR4AcXBQQHEMAhFwS8EIRiJEITECEIQgpG3bffWJOfO6HOmk5HdNV07waOHVgNy"
        + "eBTtWiSpixVTiyjXLUgdBaWjZGrPPMG1lQ2E9opLaM88CoaOktKRg+vN9GeN68U79Ri06WXANEmjSS0mdM6CMq2iuaVrx2LOcH3sB4uZU8btlzjpAAAAAElF"
        + "TkSuQmCC";

    private static OpenApiSchema Text => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Whole => new() { Type = JsonSchemaType.Integer };

    private static OpenApiSchema Binary => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static OpenApiSchema Parameters => new() { Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = true };

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (operation.OperationId is not (OpenInferenceApi.ModelInfer or OpenInferenceApi.ModelVersionInfer))
        {
            return;
        }

        string[] inPath = operation.OperationId == OpenInferenceApi.ModelInfer ? [ModelRoute.Model] : [ModelRoute.Model, ModelRoute.Version];
        operation.Parameters = [.. inPath.Select(InPath), HeaderParameter()];
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = Content(Request(), RequestExample()),
        };
        operation.Responses!["200"] = new OpenApiResponse
        {
            Description = "OK",
            Content = Content(Answer(), AnswerExample()),
            Headers = new Dictionary<string, IOpenApiHeader>
            {
                [InferenceProtocol.HeaderLength] = new OpenApiHeader { Description = "Bytes of JSON, where raw tensors follow it.", Schema = Whole },
                ["Server-Timing"] = new OpenApiHeader { Description = "Milliseconds spent on decode, normalize, queue and infer.", Schema = Text },
            },
        };
    }

    private static Dictionary<string, IOpenApiMediaType> Content(IOpenApiSchema schema, JsonNode example) => new()
    {
        [InferenceProtocol.JsonType] = new OpenApiMediaType { Schema = schema, Example = example },
        [InferenceProtocol.BinaryType] = new OpenApiMediaType { Schema = Binary },
    };

    private static OpenApiParameter InPath(string name) =>
        new() { Name = name, In = ParameterLocation.Path, Required = true, Schema = Text };

    private static OpenApiParameter HeaderParameter() => new()
    {
        Name = InferenceProtocol.HeaderLength,
        In = ParameterLocation.Header,
        Description = "Bytes of JSON, where raw tensors follow it; 0 where the body is one image without JSON.",
        Schema = Whole,
    };

    private static OpenApiSchema Request() => Object(
        ["inputs"],
        ("id", Text),
        ("parameters", Parameters),
        ("inputs", Array(Tensor(["name", "shape", "datatype"]))),
        ("outputs", Array(Object(["name"], ("name", Text), ("parameters", Parameters)))));

    private static OpenApiSchema Answer() => Object(
        ["model_name", "model_version", "outputs"],
        ("model_name", Text),
        ("model_version", Text),
        ("id", Text),
        ("outputs", Array(Tensor(["name", "shape", "datatype"]))));

    private static OpenApiSchema Tensor(HashSet<string> required) => Object(
        required,
        ("name", Text),
        ("shape", Array(Whole)),
        ("datatype", Text),
        ("parameters", Parameters),
        ("data", new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema() }));

    private static OpenApiSchema Array(OpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Object(HashSet<string> required, params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Required = required,
        Properties = properties.ToDictionary(property => property.Name, IOpenApiSchema (property) => property.Schema),
    };

    private static JsonObject RequestExample() => new()
    {
        ["id"] = "42",
        ["inputs"] = new JsonArray(new JsonObject
        {
            ["name"] = ModelContract.Input,
            ["shape"] = new JsonArray(1),
            ["datatype"] = InferenceProtocol.Bytes,
            ["data"] = new JsonArray(Sample),
        }),
        ["outputs"] = new JsonArray(new JsonObject { ["name"] = ModelContract.Probabilities }),
    };

    private static JsonObject AnswerExample() => new()
    {
        ["model_name"] = "digits",
        ["model_version"] = "0123456789ab",
        ["id"] = "42",
        ["outputs"] = new JsonArray(new JsonObject
        {
            ["name"] = ModelContract.Probabilities,
            ["datatype"] = InferenceProtocol.Fp32,
            ["shape"] = new JsonArray(1, ModelContract.Classes),
            ["data"] = new JsonArray(0.0005, 0.001, 0.002, 0.991, 0.0005, 0.0005, 0.0005, 0.001, 0.001, 0.002),
        }),
    };
}
