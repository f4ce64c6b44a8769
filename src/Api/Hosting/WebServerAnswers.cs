using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace MnistLstm.Api.Hosting;

/// <summary>
/// Describes in the OpenAPI document the answers that the web server gives itself, before any code of the service runs.
/// </summary>
internal sealed class WebServerAnswers : IDocumentFilter
{
    private static readonly (string Status, string Name, string Cause)[] All =
    [
        ("400", "InvalidHttp", "The request line, a header, `Host`, `Content-Length` or `Transfer-Encoding` is wrong"),
        ("408", "SlowHeaders", "The headers arrived too slowly"),
        ("414", "LongRequestLine", "The request line is over 8 KiB"),
        ("431", "LargeHeaders", "The headers are too large, or more than 100"),
        ("505", "OtherHttpVersion", "The service does not speak this version of HTTP"),
    ];

    public void Apply(OpenApiDocument swaggerDoc, DocumentFilterContext context)
    {
        foreach ((_, string name, string cause) in All)
        {
            swaggerDoc.AddComponent(name, new OpenApiResponse { Description = $"{cause}. The body is empty." });
        }

        foreach (OpenApiOperation operation in swaggerDoc.Paths.SelectMany(path => path.Value.Operations!.Values))
        {
            Add(operation.Responses!, swaggerDoc);
            OpenApiResponses sorted = [];
            foreach ((string status, IOpenApiResponse response) in operation.Responses!
                .OrderBy(response => response.Key, StringComparer.Ordinal))
            {
                sorted.Add(status, response);
            }

            operation.Responses = sorted;
        }
    }

    private static void Add(OpenApiResponses responses, OpenApiDocument document)
    {
        foreach ((string status, string name, string cause) in All)
        {
            if (responses.TryGetValue(status, out IOpenApiResponse? own))
            {
                own.Description += $"; without a body: {cause}";
            }
            else
            {
                responses[status] = new OpenApiResponseReference(name, document);
            }
        }
    }
}
