using System.Globalization;
using System.Text;
using Microsoft.OpenApi;
using MnistLstm.Shared.Models;
using Swashbuckle.AspNetCore.Swagger;

namespace MnistLstm.Api.OpenApi;

/// <summary>The OpenAPI document and Swagger UI.</summary>
public static class ApiDescription
{
    public const string DocumentName = "v1";

    /// <summary>Common paths, which redirect.</summary>
    public const string AliasPagePath = "/docs";

    public const string AliasDocumentPath = "/openapi.json";

    private const string Path = "/swagger";

    private const string Title = "MNIST LSTM";

    /// <summary>Relative to the document, so that it works under any path prefix of a proxy.</summary>
    private const string ServerUrl = "../..";

    /// <summary>Swagger UI needs inline styles and data URIs for its icons.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void AddApiDescription(this WebApplicationBuilder builder)
    {
        builder.Services.AddEndpointsApiExplorer();
        builder.Services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc(DocumentName, new OpenApiInfo
            {
                Title = Title,
                Version = DocumentName,
                Description = "Reads handwritten digits, row by row, with an LSTM.",
                Contact = new OpenApiContact { Name = "The operator of this service" },
                License = new OpenApiLicense { Name = "MIT", Url = new Uri("https://opensource.org/license/mit") },
            });
            swagger.AddServer(new OpenApiServer { Url = ServerUrl, Description = "This service" });
            swagger.IncludeXmlComments(typeof(ApiDescription).Assembly);
            swagger.IncludeXmlComments(typeof(ModelCard).Assembly);
            swagger.SupportNonNullableReferenceTypes();
            swagger.NonNullableReferenceTypesAsRequired();
            swagger.UseAllOfToExtendReferenceSchemas();
            swagger.OperationFilter<Examples>();
            swagger.DocumentFilter<DocumentOrder>();
        });
    }

    /// <summary>
    /// Maps the document and Swagger UI. They are built once, on the first request, because that takes 60 ms of startup
    /// time.
    /// </summary>
    public static void MapApiDescription(this WebApplication app)
    {
        var description = new Lazy<RequestDelegate>(() =>
            Describe(((IEndpointRouteBuilder)app).CreateApplicationBuilder()));
        app.Map($"{Path}/{{**file}}", context => description.Value(context)).ExcludeFromDescription();
        var document = new Lazy<byte[]>(() => WriteDocument(app.Services.GetRequiredService<ISwaggerProvider>()));
        app.MapGet(
            $"{Path}/{DocumentName}/swagger.json",
            () => TypedResults.Bytes(document.Value, "application/json; charset=utf-8")).ExcludeFromDescription();
        app.MapGet(AliasPagePath, static () => TypedResults.LocalRedirect($"~{Path}/index.html"))
            .ExcludeFromDescription();
        app.MapGet(
            AliasDocumentPath, static () => TypedResults.LocalRedirect($"~{Path}/{DocumentName}/swagger.json"))
            .ExcludeFromDescription();
    }

    private static byte[] WriteDocument(ISwaggerProvider provider)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        provider.GetSwagger(DocumentName).SerializeAsV31(new OpenApiJsonWriter(text));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static RequestDelegate Describe(IApplicationBuilder description) => description
        .Use(static (context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            // Swagger's middleware skips requests that already have an endpoint.
            context.SetEndpoint(null);
            return next(context);
        })
        .UseSwaggerUI(static page =>
        {
            page.DocumentTitle = Title;
            page.SwaggerEndpoint($"{DocumentName}/swagger.json", Title);
            page.InjectJavascript("../js/swagger-server.js");
        })
        .Build();
}
