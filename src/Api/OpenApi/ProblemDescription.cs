using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using MnistLstm.Api.Problems;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.OpenApi;

/// <summary>Writes the errors of an endpoint into the OpenAPI document: what they mean and how they look.</summary>
internal sealed class ProblemDescription : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        var described = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<EndpointDescription.ProblemTypes>();
        foreach (IGrouping<int, ProblemType> types in described.SelectMany(problems => problems.Types).GroupBy(type => type.Status))
        {
            string status = types.Key.ToString(CultureInfo.InvariantCulture);
            if (operation.Responses?[status] is not OpenApiResponse response)
            {
                continue;
            }

            response.Description = string.Join("; ", types.Select(type => $"`{type.Word}`: {type.Title}"));
            ((OpenApiMediaType)response.Content![Problem.ContentType]).Examples = types.ToDictionary(type => type.Word, Example);
            if (types.Any(type => type.RetryAfter is not null))
            {
                response.Headers = new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = new OpenApiHeader
                    {
                        Description = "Seconds after which to try again.",
                        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
                    },
                };
            }
        }
    }

    private static IOpenApiExample Example(ProblemType type)
    {
        Problem problem = type.Because($"{type.Title}.");
        return new OpenApiExample { Value = JsonNode.Parse(JsonSerializer.Serialize(problem, ProblemJson.Default.Problem)) };
    }
}
