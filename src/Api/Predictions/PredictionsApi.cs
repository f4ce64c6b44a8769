using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.OpenApi;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Predictions;

/// <summary>The prediction routes.</summary>
public static class PredictionsApi
{
    /// <summary>Names of the operations in the OpenAPI document.</summary>
    public const string PredictOne = "Predict";
    public const string PredictDigits = "PredictDigits";
    public const string PredictBatch = "PredictBatch";

    private const string Tag = "Predictions";

    /// <summary>The problems of a request that sends one picture.</summary>
    internal static readonly ProblemType[] OnePictureProblems =
    [
        ProblemType.BadRequest, ProblemType.BadQuery, ProblemType.BadHeader, ProblemType.NoFile,
        ProblemType.SeveralFiles, ProblemType.MalformedMultipart, ProblemType.MalformedJson, ProblemType.BadEncoding,
        ProblemType.UnknownModel, ProblemType.UploadTimeout, ProblemType.BodyTooLarge, ProblemType.TooManyPixels,
        ProblemType.UnsupportedMediaType, ProblemType.NotAnImage, ProblemType.DamagedImage, ProblemType.NoInk,
        ProblemType.HeadersTooLarge, ProblemType.Overloaded, ProblemType.QueueFull, ProblemType.DeadlinePassed,
    ];

    /// <summary>Far more time than a warm-up takes on any machine.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    public static void AddPredictions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BodyBudget>();
        builder.Services.AddSingleton<PictureReader>();
        builder.Services.AddSingleton<DigitRecognizer>();
        builder.Services.AddSingleton<FigureRecognizer>();
        builder.Services.AddSingleton<PictureUpload>();
        builder.Services.AddSingleton<PredictionHandler>();
        builder.Services.AddSingleton<DigitsHandler>();
        builder.Services.AddSingleton<BatchPredictionHandler>();
        builder.Services.ConfigureSwaggerGen(swagger => swagger.OperationFilter<PredictionDescription>());
    }

    /// <summary>
    /// Reads a picture while the models load, so that the JIT compiler does not delay the first request.
    /// </summary>
    public static void WarmUpPictures(this WebApplication app)
    {
        StageTimings times = default;
        app.Services.GetRequiredService<PictureReader>().Read(
            SamplePicture(), rotation: 0, ..1, [], ref times, CancellationToken.None);
    }

    /// <summary>Reads a picture with every model, up to the JSON of the answer.</summary>
    public static void WarmUpModels(this WebApplication app)
    {
        DigitRecognizer recognizer = app.Services.GetRequiredService<DigitRecognizer>();
        foreach (ServedModel model in app.Services.GetRequiredService<ModelCatalog>().All)
        {
            RequestPicture picture = SamplePicture();
            using var pictures = new RequestPictures(picture);
            recognizer.ReadAsync(pictures, model, Deadline.After(Timeout), CancellationToken.None).AsTask()
                .Wait(Timeout);
            using var answer = JsonAnswer.Rent();
            JsonSerializer.Serialize(
                answer.Writer, Prediction.From(pictures, picture, model), PredictionJson.Default.Prediction);
        }
    }

    public static void MapPredictions(this WebApplication app)
    {
        // Plain request handlers: the framework binds, copies and boxes nothing.
        PredictionHandler single = app.Services.GetRequiredService<PredictionHandler>();
        app.MapPost("/predict", single.HandleAsync)
            .DescribedBy(single.HandleAsync)
            .WithName(PredictOne)
            .WithTags(Tag)
            .WithSummary("Read a digit")
            .WithDescription(
                "Send the picture as the body, as the file 'file' of a form, or as base64 in JSON. It is a PNG, JPEG, "
                + "WebP, GIF or BMP of any size, dark on light or light on dark. The Server-Timing header has the "
                + "duration of each step.")
            .Produces<Prediction>()
            .Answers(OnePictureProblems);

        DigitsHandler digits = app.Services.GetRequiredService<DigitsHandler>();
        app.MapPost("/predict/digits", digits.HandleAsync)
            .DescribedBy(digits.HandleAsync)
            .WithName(PredictDigits)
            .WithTags(Tag)
            .WithSummary("Read all digits in a picture")
            .WithDescription(
                "Send the picture as for /predict. The answer has every digit with its box, in reading order, and "
                + "the text that they form. The Server-Timing header has the duration of each step.")
            .Produces<DigitsPrediction>()
            .Answers([.. OnePictureProblems, ProblemType.TooManyDigits]);

        BatchPredictionHandler batch = app.Services.GetRequiredService<BatchPredictionHandler>();
        app.MapPost("/predict/batch", batch.HandleAsync)
            .DescribedBy(batch.HandleAsync)
            .WithName(PredictBatch)
            .WithTags(Tag)
            .WithSummary("Read a digit in each of several pictures")
            .WithDescription(
                "Send the pictures as the files 'files' of a form. The results have the same order; each is a "
                + "prediction or an error. One unreadable picture does not affect the others.")
            .Produces<PredictionBatch>()
            .Answers(
                ProblemType.BadRequest, ProblemType.BadQuery, ProblemType.BadHeader, ProblemType.NoFile,
                ProblemType.MalformedMultipart, ProblemType.BadEncoding, ProblemType.UnknownModel,
                ProblemType.UploadTimeout, ProblemType.BodyTooLarge, ProblemType.TooManyPixels,
                ProblemType.TooManyFiles, ProblemType.UnsupportedMediaType, ProblemType.HeadersTooLarge,
                ProblemType.Overloaded, ProblemType.QueueFull, ProblemType.DeadlinePassed);
    }

    private static RequestPicture SamplePicture() =>
        new(GrayPng.Encode(GoldenSample.Pixels, RowSequence.Features, RowSequence.TimeSteps));
}
