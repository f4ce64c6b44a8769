using MnistLstm.Api.Health;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace MnistLstm.Api.OpenInference;

/// <summary>
/// The Open Inference Protocol over REST and gRPC, which clients of KServe, Triton and others speak. Operations are
/// named as the protocol names them.
/// </summary>
public static class OpenInferenceApi
{
    private const string OfModel = "/models/{model}";
    private const string OfVersion = $"{OfModel}/versions/{{version}}";
    private const string Steps = "Images, batches and nanoseconds of each step, over all endpoints.";

    public static void AddOpenInference(this WebApplicationBuilder builder, ServiceOptions options)
    {
        builder.Services.AddSingleton<InferHandler>();
        builder.Services.AddSingleton<InferService>();
        builder.Services.AddSingleton(InferenceError.Format);
        builder.Services.ConfigureSwaggerGen(InferDescription.Describe);
        if (options.GrpcPort is not null)
        {
            builder.Services.AddSingleton<GrpcInference>();
            builder.Services.AddSingleton<GrpcHealth>();
        }
    }

    public static void MapOpenInference(this WebApplication app)
    {
        RouteGroupBuilder protocol = app.MapGroup(InferenceProtocol.Root).WithTags("Open Inference Protocol");
        ServiceOptions options = app.Services.GetRequiredService<ServiceOptions>();
        ModelCatalog models = app.Services.GetRequiredService<ModelCatalog>();
        Readiness readiness = app.Services.GetRequiredService<Readiness>();

        protocol.Get("", "ServerMetadata", "Name, version and extensions of the server",
            "The extensions are Triton's.", _ => ServerMetadata.Own);
        protocol.Get("/health/live", "ServerLive", "Liveness probe",
            "Answers while the process runs.", _ => new ServerLive(Live: true));
        protocol.Get("/health/ready", "ServerReady", "Readiness probe",
            "Not ready while the service stops.", _ => new ServerReady(readiness.IsReady), readiness)
            .Produces<ServerReady>(Status503ServiceUnavailable);
        protocol.Get("/repository/index", "RepositoryIndex", "List of the models",
            "Every loaded model with its version.", _ => models.All.Select(
                model => new RepositoryModel(model.Name, model.Card.Version, "READY", Reason: "")), method: "POST");
        protocol.Get("/models/stats", "Statistics", "Statistics of all models since they were loaded",
            Steps, _ => new StatisticsAnswer([.. models.All.Select(ModelStatistics.Of)]));
        protocol.Get(OfModel, "ModelMetadata", "Inputs and outputs of a model",
            "Names, datatypes and shapes of the tensors.", model => ModelMetadata.Of(model, options));
        // One schema for both bodies of 503, because client generators read only the first of two.
        protocol.Get($"{OfModel}/ready", "ModelReady", "Readiness of a model",
            "Not ready while the service stops.", model => new ModelReady(model.Name, readiness.IsReady), readiness)
            .Produces<ModelNotReady>(Status503ServiceUnavailable);
        protocol.Get($"{OfModel}/config", "ModelConfig", "Configuration of a model",
            "Triton's model configuration: sizes, shapes and workers.", model => ModelConfiguration.Of(model, options));
        protocol.Get($"{OfModel}/stats", "ModelStatistics", "Statistics of a model since it was loaded",
            Steps, model => new StatisticsAnswer([ModelStatistics.Of(model)]));
        protocol.Map(
            $"{OfModel}/infer", "ModelInfer", "Read digits",
            "The images are rows of intensities, FP32 [N, 28, 28], or image files, BYTES [N]. Tensors are JSON, or "
            + $"binary after the JSON; {InferenceProtocol.JsonLengthHeader} gives the JSON's length.",
            HttpMethods.Post, app.Services.GetRequiredService<InferHandler>().HandleAsync)
            .Produces<InferResponse>()
            .Answers(
                ProblemType.BadRequest, ProblemType.BadInference, ProblemType.BadHeader, ProblemType.BadEncoding,
                ProblemType.UnknownModel, ProblemType.UploadTimeout, ProblemType.BodyTooLarge,
                ProblemType.UnsupportedMediaType, ProblemType.HeadersTooLarge, ProblemType.QueueFull,
                ProblemType.DeadlinePassed);
        if (options.GrpcPort is not null)
        {
            app.MapGrpcService<GrpcInference>();
            app.MapGrpcService<GrpcHealth>();
            app.MapGrpcReflectionService();
        }
    }

    /// <summary>Finds the model and version that the address names, or the default model.</summary>
    /// <returns>The problem, or null if there is none.</returns>
    internal static Problem? FindModel(HttpContext context, out ServedModel model) =>
        context.RequestServices.GetRequiredService<ModelCatalog>()
            .Find(context.GetRouteValue("model") as string, VersionOf(context), out model);

    internal static string? VersionOf(HttpContext context) => context.GetRouteValue("version") as string;

    /// <summary>Maps an operation without a request body, at the addresses of all models or of one.</summary>
    private static RouteHandlerBuilder Get<T>(
        this RouteGroupBuilder protocol, string path, string name, string summary, string description,
        Func<ServedModel, T> answer, Readiness? readiness = null, string method = "GET") =>
        protocol.Map(path, name, summary, description, method, context =>
        {
            if (FindModel(context, out ServedModel model) is { } problem)
            {
                return problem.WriteAsync(context);
            }

            context.Response.StatusCode = readiness?.IsReady is false ? Status503ServiceUnavailable : Status200OK;
            return context.Response.WriteAsJsonAsync(answer(model), typeof(T), OpenInferenceJson.Default);
        }).Produces<T>().Answers(IsOfModel(path) ? [ProblemType.UnknownModel] : []);

    /// <summary>Maps an operation. One of a model is mapped at the address of its version too.</summary>
    private static RouteHandlerBuilder Map(
        this RouteGroupBuilder protocol, string path, string name, string summary, string description,
        string method, RequestDelegate handler)
    {
        RouteHandlerBuilder At(string address, string id, string title) =>
            protocol.MapMethods(address, [method], handler).DescribedBy(handler)
                .WithName(id).WithSummary(title).WithDescription(description);

        RouteHandlerBuilder endpoint = At(path, name, summary);
        return !IsOfModel(path) ? endpoint : new RouteHandlerBuilder([endpoint, At(
            $"{OfVersion}{path[OfModel.Length..]}", name.Replace("Model", "ModelVersion", StringComparison.Ordinal),
            $"{summary}, by its version")]);
    }

    private static bool IsOfModel(string path) => path.StartsWith(OfModel, StringComparison.Ordinal);
}
