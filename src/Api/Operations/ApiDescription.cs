using Microsoft.OpenApi;

namespace MnistLstm.Api.Operations;

/// <summary>The OpenAPI document and the page to try it out on.</summary>
public static class ApiDescription
{
    public const string DocumentName = "v1";

    public static void AddApiDescription(this WebApplicationBuilder builder)
    {
        builder.Services.AddEndpointsApiExplorer();
        builder.Services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc(DocumentName, new OpenApiInfo
            {
                Title = "MNIST LSTM",
                Version = DocumentName,
                Description = "Reads handwritten digits, row by row, with an LSTM.",
            });
            swagger.IncludeXmlComments(typeof(ApiDescription).Assembly);
        });
    }

    public static void UseApiDescription(this WebApplication app)
    {
        app.UseSwagger();
        app.UseSwaggerUI();
    }
}
