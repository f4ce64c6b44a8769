using MnistLstm.Api.Operations;

namespace MnistLstm.Api.Predictions;

/// <summary>The routes from a picture to its digit.</summary>
public static class PredictionsApi
{
    private const string Tag = "Predictions";

    public static void AddPredictions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PictureReader>();
        builder.Services.AddSingleton<PredictionHandler>();
        builder.Services.AddSingleton<BatchPredictionHandler>();
    }

    public static void MapPredictions(this WebApplication app)
    {
        // Handlers of a plain request: nothing is bound, copied or boxed for them.
        PredictionHandler single = app.Services.GetRequiredService<PredictionHandler>();
        app.MapPost("/predict", single.HandleAsync)
            .DescribedBy(single.HandleAsync)
            .WithName("Predict")
            .WithTags(Tag)
            .WithSummary("Reads one handwritten digit")
            .WithDescription(
                "Send the picture as the body, or as the file 'file' of a form. PNG, JPEG, WebP, GIF and BMP are read, "
                + "whatever their size; dark on light or light on dark. The answer's Server-Timing header says where the time went.")
            .Produces<Prediction>()
            .Answers(
                ProblemType.BadRequest, ProblemType.BadQuery, ProblemType.NoFile, ProblemType.SeveralFiles, ProblemType.MalformedMultipart,
                ProblemType.UnknownModel, ProblemType.UploadTimeout, ProblemType.BodyTooLarge, ProblemType.TooManyPixels,
                ProblemType.UnsupportedMediaType, ProblemType.NotAnImage, ProblemType.DamagedImage, ProblemType.NoInk,
                ProblemType.QueueFull, ProblemType.DeadlinePassed);

        BatchPredictionHandler batch = app.Services.GetRequiredService<BatchPredictionHandler>();
        app.MapPost("/predict/batch", batch.HandleAsync)
            .DescribedBy(batch.HandleAsync)
            .WithName("PredictBatch")
            .WithTags(Tag)
            .WithSummary("Reads several pictures at once")
            .WithDescription(
                "Send the pictures as files 'files' of a form. The answers come in the same order; where a picture cannot be read, "
                + "its place holds the error, and the others are answered all the same.")
            .Produces<PredictionBatch>()
            .Answers(
                ProblemType.BadRequest, ProblemType.BadQuery, ProblemType.NoFile, ProblemType.MalformedMultipart,
                ProblemType.UnknownModel, ProblemType.UploadTimeout, ProblemType.BodyTooLarge, ProblemType.TooManyFiles,
                ProblemType.UnsupportedMediaType, ProblemType.QueueFull, ProblemType.DeadlinePassed);
    }
}
