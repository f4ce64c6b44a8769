using System.Text.Json.Serialization.Metadata;
using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.OpenInference;

/// <summary>The Open Inference Protocol over REST, which clients of KServe, Triton and others speak. Operations are named as the protocol names them.</summary>
public static class OpenInferenceApi
{
    private const string Tag = "Open Inference Protocol";

    public static void AddOpenInference(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InferHandler>();
        builder.Services.AddSingleton<InferService>();
        builder.Services.AddSingleton<InferInputReader>();
        builder.Services.AddSingleton<InferRequestReader>();
        builder.Services.AddSingleton(InferenceError.Format);
        builder.Services.ConfigureSwaggerGen(InferDescription.Describe);
        builder.Services.ConfigureHttpJsonOptions(json =>
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, OpenInferenceJson.Default));
    }

    public static void MapOpenInference(this WebApplication app)
    {
        RouteGroupBuilder protocol = app.MapGroup(InferenceProtocol.Root).WithTags(Tag);
        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        Readiness readiness = app.Services.GetRequiredService<Readiness>();
        MapServer(protocol);
        MapModel(protocol, "", "Metadata", "Inputs and outputs of a model", "Names, datatypes and shapes of the tensors.", model => ModelMetadata.Of(model, options), OpenInferenceJson.Default.ModelMetadata);
        MapModel(protocol, "/ready", "Ready", "Readiness of a model", "Not ready while the service is stopping.", model => new ModelReady(model.Name, readiness.IsReady), OpenInferenceJson.Default.ModelReady,
            status: _ => ReadyStatus(readiness)).ForEach(endpoint => endpoint.Produces<ModelReady>(StatusCodes.Status503ServiceUnavailable));
        MapModel(protocol, "/config", "Config", "Configuration of a model", "Sizes, shapes and workers in the words of Triton's model configuration.", model => ModelConfiguration.Of(model, options), OpenInferenceJson.Default.ModelConfiguration);
        MapModel(protocol, "/stats", "Statistics", "Statistics of a model since it was loaded",
            "Images, runs of the network and nanoseconds of each step, whichever address asked for them.",
            model => new StatisticsAnswer([ModelStatistics.Of(model)]), OpenInferenceJson.Default.StatisticsAnswer);
        MapInfer(protocol, app.Services.GetRequiredService<InferHandler>());
    }

    private static void MapServer(RouteGroupBuilder protocol)
    {
        protocol.MapGet("", () => TypedResults.Ok(ServerMetadata.Own))
            .WithName("ServerMetadata")
            .WithSummary("Name, version and extensions of the server")
            .WithDescription("The extensions are those of Triton that the service has.");
        protocol.MapGet("/health/live", () => TypedResults.Ok(new ServerLive(Live: true)))
            .WithName("ServerLive")
            .WithSummary("Liveness probe")
            .WithDescription("Answers as long as the process does.");
        protocol.MapGet("/health/ready", (Readiness readiness) => TypedResults.Json(
                new ServerReady(readiness.IsReady), OpenInferenceJson.Default.ServerReady, statusCode: ReadyStatus(readiness)))
            .WithName("ServerReady")
            .WithSummary("Readiness probe")
            .WithDescription("Not ready while the service is stopping.")
            .Produces<ServerReady>()
            .Produces<ServerReady>(StatusCodes.Status503ServiceUnavailable);
        protocol.MapPost("/repository/index", (ModelCatalog models) => TypedResults.Ok<IReadOnlyList<RepositoryModel>>(
                [.. models.All.Select(model => new RepositoryModel(model.Name, model.Card.Version, RepositoryModel.Ready, Reason: ""))]))
            .WithName("RepositoryIndex")
            .WithSummary("List of the models")
            .WithDescription("Every model that answers, with its version.");
        protocol.MapGet("/models/stats", (ModelCatalog models) =>
                TypedResults.Ok(new StatisticsAnswer([.. models.All.Select(ModelStatistics.Of)])))
            .WithName("Statistics")
            .WithSummary("Statistics of all models since they were loaded")
            .WithDescription("Images, runs of the network and nanoseconds of each step, whichever address asked for them.");
    }

    /// <summary>Answers something about a model, at its address and at that of its version.</summary>
    private static List<RouteHandlerBuilder> MapModel<T>(
        RouteGroupBuilder protocol, string suffix, string name, string summary, string description, Func<ServedModel, T> answer,
        JsonTypeInfo<T> type, Func<ServedModel, int>? status = null)
    {
        Task HandleAsync(HttpContext context)
        {
            if (ModelRoute.Find(context, context.RequestServices.GetRequiredService<ModelCatalog>(), out ServedModel model) is { } problem)
            {
                return problem.WriteAsync(context);
            }

            context.Response.StatusCode = status?.Invoke(model) ?? StatusCodes.Status200OK;
            return context.Response.WriteAsJsonAsync(answer(model), type);
        }

        return Map(name, summary, path => protocol.MapGet($"{path}{suffix}", HandleAsync).DescribedBy(HandleAsync).WithDescription(description).Produces<T>().Fails(404));
    }

    private static void MapInfer(RouteGroupBuilder protocol, InferHandler handler) => Map(
        "Infer",
        "Read digits",
        path => protocol.MapPost($"{path}/infer", handler.HandleAsync)
            .DescribedBy(handler.HandleAsync)
            .WithDescription(
                "The images are rows of intensities, FP32 [N, 28, 28], or image files, BYTES [N]. Tensors are JSON, or raw bytes "
                + $"after the JSON, whose length the header {InferenceProtocol.HeaderLength} says then.")
            .Produces<InferResponse>(contentType: InferenceProtocol.JsonType, additionalContentTypes: InferenceProtocol.BinaryType)
            .Fails(400, 404, 408, 413, 415, 503));

    private static List<RouteHandlerBuilder> Map(string name, string summary, Func<string, RouteHandlerBuilder> map)
    {
        const string Model = $"/models/{{{ModelRoute.ModelParameter}}}";
        return
        [
            map(Model).WithName($"Model{name}").WithSummary(summary),
            map($"{Model}/versions/{{{ModelRoute.VersionParameter}}}").WithName($"ModelVersion{name}").WithSummary($"{summary}, by its version"),
        ];
    }

    private static int ReadyStatus(Readiness readiness) =>
        readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    /// <summary>Names the errors that an endpoint can answer.</summary>
    private static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (int status in statuses)
        {
            endpoint.Produces<InferenceError>(status, InferenceProtocol.JsonType);
        }

        return endpoint;
    }
}
