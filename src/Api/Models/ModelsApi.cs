using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Models;

/// <summary>Loads the models and describes them.</summary>
public static class ModelsApi
{
    private const string Tag = "Models";

    /// <summary>Starts loading the models while the rest of the service is built.</summary>
    public static void AddModels(this WebApplicationBuilder builder, ServiceOptions options)
    {
        Task<ModelCatalog> loading = Task.Run(() => ModelCatalog.Load(options));
        builder.Services.AddSingleton(_ => loading.GetAwaiter().GetResult());
        builder.Services.AddHostedService<ModelReload>();
        builder.Services.AddSingleton<ModelGauges>();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ModelListJson.Default);

            // These options, not those of the context, apply to answers. The document's references do not allow null.
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        });
    }

    /// <summary>Waits for the models, since a service without a model must not start.</summary>
    public static void AwaitModels(this WebApplication app)
    {
        app.Services.GetRequiredService<ModelCatalog>();
        app.Services.GetRequiredService<ModelGauges>();
    }

    public static void MapModels(this WebApplication app)
    {
        app.MapGet("/models", List)
            .WithName("ListModels")
            .WithTags(Tag)
            .WithSummary("List the models")
            .WithDescription(
                "Every model with its version and its card (origin and accuracy), and the files that were rejected "
                + "while the service ran.");
        app.MapGet("/models/{name}", Get)
            .WithName("GetModel")
            .WithTags(Tag)
            .WithSummary("Get a model and its card")
            .WithDescription("The card has the model's origin and accuracy.")
            .Answers(ProblemType.UnknownModel);
    }

    private static Ok<ModelList> List(ModelCatalog models) =>
        TypedResults.Ok(new ModelList(models.Default.Name, [.. models.All.Select(model => Describe(model, models))],
            models.Rejected));

    private static Results<Ok<ModelInfo>, ProblemResult> Get(string name, ModelCatalog models)
    {
        ServedModel model = models.Default;
        return models.Find(name, ref model) is { } problem
            ? new ProblemResult(problem)
            : TypedResults.Ok(Describe(model, models));
    }

    private static ModelInfo Describe(ServedModel model, ModelCatalog models) =>
        new(model.Name, model.Card.Version, model == models.Default, model.LoadedAt, model.Card);
}
