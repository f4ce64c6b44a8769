using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using MnistLstm.Api.Models;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Health;

/// <summary>Probes for orchestrators and load balancers.</summary>
public static class HealthApi
{
    public const string LivePath = "/health/live";
    public const string ReadyPath = "/health/ready";

    /// <summary>
    /// The default probe path of many orchestrators and load balancers. It answers like <see cref="ReadyPath"/>.
    /// </summary>
    public const string AliasPath = "/healthz";

    private const string Tag = "Health";

    public static void AddHealth(this WebApplicationBuilder builder, ServiceOptions options)
    {
        builder.Services.Configure<HostOptions>(host =>
            host.ShutdownTimeout = options.ShutdownGrace + options.ShutdownTimeout);
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddHostedService<Shutdown>();
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, HealthJson.Default));
    }

    /// <summary>While the service drains, asks clients to close their connections.</summary>
    public static void UseDraining(this WebApplication app)
    {
        Readiness readiness = app.Services.GetRequiredService<Readiness>();
        app.Use((context, next) =>
        {
            if (!readiness.IsReady && !HttpProtocol.IsHttp2(context.Request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }

            return next(context);
        });
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet(LivePath, Live)
            .WithName("Live")
            .WithTags(Tag)
            .WithSummary("Liveness probe")
            .WithDescription("Answers while the process runs.");
        app.MapGet(ReadyPath, Ready)
            .WithName("Ready")
            .WithTags(Tag)
            .WithSummary("Readiness probe")
            .WithDescription(
                "Ready once the models are loaded, warmed up and read the built-in sample digit. Not ready while "
                + "the service stops.")
            .Produces<Health>(StatusCodes.Status503ServiceUnavailable);
        app.MapGet(AliasPath, Ready).ExcludeFromDescription();
    }

    private static Ok<Health> Live() => TypedResults.Ok(new Health("live", Models: null));

    private static Results<Ok<Health>, JsonHttpResult<Health>> Ready(Readiness readiness, ModelCatalog models)
    {
        return readiness.IsReady
            ? TypedResults.Ok(new Health("ready", [.. models.All.Select(model => model.Reference.Name)]))
            : TypedResults.Json(new Health("draining", Models: null), HealthJson.Default.Health,
                statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>The state of the service.</summary>
/// <param name="Status">live, ready or draining.</param>
/// <param name="Models">Names of the loaded models.</param>
public sealed record Health(
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Models);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Health))]
internal sealed partial class HealthJson : JsonSerializerContext;
