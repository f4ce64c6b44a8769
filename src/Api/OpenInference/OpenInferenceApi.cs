using Microsoft.AspNetCore.Http.HttpResults;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.OpenInference;

/// <summary>The Open Inference Protocol, which clients of KServe, Triton and others speak. Operations are named as the protocol names them.</summary>
public static class OpenInferenceApi
{
    /// <summary>Names of the operations that the OpenAPI document says more about.</summary>
    public const string ModelInfer = "ModelInfer";
    public const string ModelVersionInfer = "ModelVersionInfer";

    private const string Tag = "Open Inference Protocol";

    /// <summary>What every address of a model begins with.</summary>
    private const string OneModel = $"/models/{{{ModelRoute.Model}}}";
    private const string OneVersion = $"{OneModel}/versions/{{{ModelRoute.Version}}}";

    public static void AddOpenInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InferHandler>();
        builder.Services.AddSingleton(InferenceError.Format);
        builder.Services.ConfigureSwaggerGen(swagger => swagger.OperationFilter<InferDescription>());
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, OpenInferenceJson.Default));
    }

    public static void MapOpenInference(this WebApplication app)
    {
        RouteGroupBuilder protocol = app.MapGroup(InferenceProtocol.Root).WithTags(Tag);
        MapServer(protocol);
        MapModels(protocol);
        MapStatistics(protocol);
        MapInfer(protocol, app.Services.GetRequiredService<InferHandler>());
    }

    private static void MapServer(RouteGroupBuilder protocol)
    {
        protocol.MapGet("", () => TypedResults.Ok(ServerMetadata.Own))
            .WithName("ServerMetadata")
            .WithSummary("What the service is and which extensions it has");
        protocol.MapGet("/health/live", () => TypedResults.Ok(new ServerLive(Live: true)))
            .WithName("ServerLive")
            .WithSummary("Whether the process answers");
        protocol.MapGet("/health/ready", Ready)
            .WithName("ServerReady")
            .WithSummary("Whether the service wants requests")
            .Produces<ServerReady>(StatusCodes.Status503ServiceUnavailable);
        protocol.MapPost("/repository/index", (ModelCatalog models) => TypedResults.Ok<IReadOnlyList<RepositoryModel>>(
                [.. models.All.Select(model => new RepositoryModel(model.Name, model.Card.Version, RepositoryModel.Ready, Reason: ""))]))
            .WithName("RepositoryIndex")
            .WithSummary("Which models there are");
    }

    private static void MapModels(RouteGroupBuilder protocol)
    {
        protocol.MapGet(OneModel, (string model, ModelCatalog models, ServiceOptions options) => Metadata(model, null, models, options))
            .WithName("ModelMetadata")
            .WithSummary("What a model takes and gives")
            .Fails(StatusCodes.Status404NotFound);
        protocol.MapGet(OneVersion, Metadata)
            .WithName("ModelVersionMetadata")
            .WithSummary("What a version of a model takes and gives")
            .Fails(StatusCodes.Status404NotFound);
        protocol.MapGet($"{OneModel}/ready", (string model, ModelCatalog models, Readiness readiness) => ModelReady(model, null, models, readiness))
            .WithName("ModelReady")
            .WithSummary("Whether a model wants requests")
            .Produces<ModelReady>(StatusCodes.Status503ServiceUnavailable)
            .Fails(StatusCodes.Status404NotFound);
        protocol.MapGet($"{OneVersion}/ready", ModelReady)
            .WithName("ModelVersionReady")
            .WithSummary("Whether a version of a model wants requests")
            .Produces<ModelReady>(StatusCodes.Status503ServiceUnavailable)
            .Fails(StatusCodes.Status404NotFound);
        protocol.MapGet($"{OneModel}/config", (string model, ModelCatalog models, ServiceOptions options) => Configuration(model, null, models, options))
            .WithName("ModelConfig")
            .WithSummary("How a model is run")
            .Fails(StatusCodes.Status404NotFound);
        protocol.MapGet($"{OneVersion}/config", Configuration)
            .WithName("ModelVersionConfig")
            .WithSummary("How a version of a model is run")
            .Fails(StatusCodes.Status404NotFound);
    }

    private static void MapStatistics(RouteGroupBuilder protocol)
    {
        protocol.MapGet("/models/stats", (ModelCatalog models) =>
                TypedResults.Ok(new StatisticsAnswer([.. models.All.Select(ModelStatistics.Of)])))
            .WithName("Statistics")
            .WithSummary("What all models have computed since they were loaded");
        protocol.MapGet($"{OneModel}/stats", (string model, ModelCatalog models) => Statistics(model, null, models))
            .WithName("ModelStatistics")
            .WithSummary("What a model has computed since it was loaded")
            .Fails(StatusCodes.Status404NotFound);
        protocol.MapGet($"{OneVersion}/stats", Statistics)
            .WithName("ModelVersionStatistics")
            .WithSummary("What a version of a model has computed since it was loaded")
            .Fails(StatusCodes.Status404NotFound);
    }

    private static void MapInfer(RouteGroupBuilder protocol, InferHandler handler)
    {
        foreach ((string path, string name, string summary) in new[]
        {
            ($"{OneModel}/infer", ModelInfer, "Reads handwritten digits"),
            ($"{OneVersion}/infer", ModelVersionInfer, "Reads handwritten digits with a version of a model"),
        })
        {
            // A handler of a plain request: nothing is bound, copied or boxed for it.
            protocol.MapPost(path, handler.HandleAsync)
                .DescribedBy(handler.HandleAsync)
                .WithName(name)
                .WithSummary(summary)
                .WithDescription(
                    "The images are rows of intensities, FP32 [N, 28, 28], or image files, BYTES [N]. Tensors are JSON, or raw "
                    + $"behind the JSON, whose length {InferenceProtocol.HeaderLength} tells then.")
                .Fails(
                    StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status408RequestTimeout,
                    StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status503ServiceUnavailable);
        }
    }

    /// <summary>Names the errors that an endpoint can answer.</summary>
    private static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (int status in statuses)
        {
            endpoint.Produces<InferenceError>(status, InferenceProtocol.JsonType);
        }

        return endpoint;
    }

    private static Results<Ok<ServerReady>, JsonHttpResult<ServerReady>> Ready(Readiness readiness) => readiness.IsReady
        ? TypedResults.Ok(new ServerReady(Ready: true))
        : TypedResults.Json(new ServerReady(Ready: false), OpenInferenceJson.Default.ServerReady, statusCode: StatusCodes.Status503ServiceUnavailable);

    private static Results<Ok<ModelMetadata>, ProblemResult> Metadata(string model, string? version, ModelCatalog models, ServiceOptions options)
    {
        ServedModel served = models.Default;
        return ModelRoute.Find(model, version, models, ref served) is { } problem
            ? new ProblemResult(problem)
            : TypedResults.Ok(OpenInference.ModelMetadata.Of(served, options));
    }

    private static Results<Ok<ModelReady>, JsonHttpResult<ModelReady>, ProblemResult> ModelReady(
        string model, string? version, ModelCatalog models, Readiness readiness)
    {
        ServedModel served = models.Default;
        if (ModelRoute.Find(model, version, models, ref served) is { } problem)
        {
            return new ProblemResult(problem);
        }

        var answer = new ModelReady(served.Name, readiness.IsReady);
        return readiness.IsReady
            ? TypedResults.Ok(answer)
            : TypedResults.Json(answer, OpenInferenceJson.Default.ModelReady, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static Results<Ok<ModelConfiguration>, ProblemResult> Configuration(string model, string? version, ModelCatalog models, ServiceOptions options)
    {
        ServedModel served = models.Default;
        return ModelRoute.Find(model, version, models, ref served) is { } problem
            ? new ProblemResult(problem)
            : TypedResults.Ok(ModelConfiguration.Of(served, options));
    }

    private static Results<Ok<StatisticsAnswer>, ProblemResult> Statistics(string model, string? version, ModelCatalog models)
    {
        ServedModel served = models.Default;
        return ModelRoute.Find(model, version, models, ref served) is { } problem
            ? new ProblemResult(problem)
            : TypedResults.Ok(new StatisticsAnswer([ModelStatistics.Of(served)]));
    }
}
