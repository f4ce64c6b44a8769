using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;

namespace MnistLstm.Api.Corrections;

/// <summary>The route for correcting what a picture shows. It answers 404 unless the operator sets a folder.</summary>
public static class CorrectionsApi
{
    /// <summary>Name of the operation in the OpenAPI document.</summary>
    public const string Correct = "Correct";

    private const string Path = "/corrections";
    private const string Off = "The service keeps corrections only if it is started with --corrections DIR.";

    /// <exception cref="InvalidSettingException">The folder is not writable.</exception>
    public static void AddCorrections(this WebApplicationBuilder builder, ServiceOptions options)
    {
        if (options.CorrectionFolder is { } folder)
        {
            var store = CorrectionStore.Open(folder, options.MaxCorrections, options.MaxCorrectionBytes);
            builder.Services.AddSingleton(_ => store);
            builder.Services.AddSingleton<CorrectionHandler>();
            builder.Services.ConfigureSwaggerGen(swagger => swagger.OperationFilter<CorrectionDescription>());
        }
    }

    public static void MapCorrections(this WebApplication app)
    {
        if (app.Services.GetService<CorrectionHandler>() is not { } handler)
        {
            app.MapPost(Path, static context => ProblemType.NotFound.WithDetail(Off).WriteAsync(context))
                .ExcludeFromDescription();
            return;
        }

        app.MapPost(Path, handler.HandleAsync)
            .DescribedBy(handler.HandleAsync)
            .WithName(Correct)
            .WithTags("Predictions")
            .WithSummary("Say which digit a picture shows")
            .WithDescription(
                "Send the picture as for /predict, and the right digit as `digit`. The service stores both, so that "
                + "its operator can train a model with them. It stores the same picture once, with the last digit.")
            .Produces<Correction>()
            .Answers(
            [
                .. PredictionsApi.OnePictureProblems.Except([ProblemType.UnknownModel]),
                ProblemType.CorrectionsUnavailable,
                ProblemType.CorrectionsFull,
            ]);
    }
}
