using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using MnistLstm.Api.Access;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.OpenInference;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.Hosting;

/// <summary>Describes the errors of an endpoint in the OpenAPI document: their meaning and their format.</summary>
internal sealed class ProblemDescription(ServiceOptions options) : IOperationFilter
{
    /// <summary>Problems of every address.</summary>
    private static readonly ProblemType[] Everywhere = [ProblemType.InternalError];

    /// <summary>Problems of every address except health.</summary>
    private static readonly ProblemType[] Guarded =
        [ProblemType.ApiKeyNeeded, ProblemType.RateLimited, ProblemType.Overloaded];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        PathString path = $"/{context.ApiDescription.RelativePath}";
        bool isOpen = AccessApi.IsOpen(path, options);
        if (isOpen && options.NeedsKeys)
        {
            // Overrides the requirement of the document.
            operation.Security = [];
        }

        bool isInference = path.StartsWithSegments(InferenceProtocol.Root);
        string contentType = isInference ? MediaTypeNames.Application.Json : Problem.ContentType;
        var own = context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<EndpointDescription.ProblemTypes>()
            .SelectMany(problems => problems.Types);
        foreach (IGrouping<int, ProblemType> types in own.Union(isOpen ? [] : Guarded)
            .Union(Everywhere)
            .GroupBy(type => type.Status))
        {
            string status = types.Key.ToString(CultureInfo.InvariantCulture);
            string meaning = string.Join("; ", types.Select(type => $"`{type.Slug}`: {type.Title}"));
            var examples = types.ToDictionary(type => type.Slug, IOpenApiExample (type) => Example(type, isInference));
            OpenApiResponse response;
            if (operation.Responses!.TryGetValue(status, out IOpenApiResponse? state))
            {
                response = (OpenApiResponse)state;
                response.Description += $"; {meaning}";
                Add(examples, (OpenApiMediaType)response.Content![contentType]);
            }
            else
            {
                response = new OpenApiResponse
                {
                    Description = meaning,
                    Content = new Dictionary<string, IOpenApiMediaType>
                    {
                        [contentType] = new OpenApiMediaType
                        {
                            Schema = context.SchemaGenerator.GenerateSchema(
                                isInference ? typeof(InferenceError) : typeof(Problem), context.SchemaRepository),
                            Examples = examples,
                        },
                    },
                };
                operation.Responses[status] = response;
            }

            if (types.Any(type => type.RetryAfter is not null))
            {
                response.Headers = new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = new OpenApiHeader
                    {
                        Description = "Seconds to wait before the next try.",
                        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
                    },
                };
            }
        }
    }

    /// <summary>Adds the examples of problems to an answer that describes a state of the service.</summary>
    private static void Add(Dictionary<string, IOpenApiExample> problems, OpenApiMediaType state)
    {
        problems[Examples.NotReady] = new OpenApiExample { Value = state.Example };
        state.Example = null;
        state.Examples = problems;
    }

    private static OpenApiExample Example(ProblemType type, bool isInference)
    {
        // The details of this type are whole sentences without the advice.
        Problem problem = type == ProblemType.BadInference
            ? new Problem(type, "There is no input 'pixels'. The model has 'rows'.")
            : type.WithDetail($"{type.Title}.");
        JsonNode described = JsonSerializer.SerializeToNode(problem, ProblemJson.Default.Problem)!;
        described["requestId"] = "0HNQEU71A8937:00000001";
        return new OpenApiExample
        {
            Value = isInference
                ? new JsonObject { ["error"] = problem.Detail }
                : described,
        };
    }
}
