using Microsoft.OpenApi;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.OpenApi;

/// <summary>The OpenAPI document and the page to try it out on.</summary>
public static class ApiDescription
{
    public const string DocumentName = "v1";

    /// <summary>The paths that people and programs often try first.</summary>
    public const string CustomaryPagePath = "/docs";

    public const string CustomaryDocumentPath = "/openapi.json";

    private const string Path = "/swagger";

    private const string Title = "MNIST LSTM";

    /// <summary>Relative to the document, so that it is right under any prefix that a proxy adds.</summary>
    private const string ServerUrl = "../..";

    /// <summary>Swagger UI styles its elements one by one, and draws its icons from data.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src "
            + "'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
            swagger.OperationFilter<AnswerExamples>();
            swagger.DocumentFilter<DocumentOrder>();
        });
    }

    /// <summary>
    /// The document and the page under one route. What answers there is put together when it is first asked for: 60 ms
    /// that a service without readers need not take before it is ready.
    /// </summary>
    public static void MapApiDescription(this WebApplication app)
    {
        var description = new Lazy<RequestDelegate>(() =>
            Describe(((IEndpointRouteBuilder)app).CreateApplicationBuilder()));
        app.Map($"{Path}/{{**file}}", context => description.Value(context)).ExcludeFromDescription();
        app.MapGet(CustomaryPagePath, static () => TypedResults.LocalRedirect($"~{Path}/index.html"))
            .ExcludeFromDescription();
        app.MapGet(
            CustomaryDocumentPath, static () => TypedResults.LocalRedirect($"~{Path}/{DocumentName}/swagger.json"))
            .ExcludeFromDescription();
    }

    private static RequestDelegate Describe(IApplicationBuilder description) => description
        .Use(static (context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = Policy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            // The files are found by their address, as where no route was chosen.
            context.SetEndpoint(null);
            return next(context);
        })
        .UseSwagger(static document => document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1)
        .UseSwaggerUI(static page =>
        {
            page.DocumentTitle = Title;
            page.SwaggerEndpoint($"{DocumentName}/swagger.json", Title);
            page.InjectJavascript("../js/swagger-server.js");
        })
        .Build();
}
