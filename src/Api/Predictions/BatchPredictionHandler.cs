using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Recognition;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;

namespace MnistLstm.Api.Predictions;

/// <summary>
/// Answers <c>POST /predict/batch</c>: several pictures in, one answer for each out, in the same order.
/// </summary>
public sealed class BatchPredictionHandler(
    ModelCatalog models, PictureReader pictures, DigitRecognizer recognizer, BodyBudget bodies, ServiceOptions options)
    : DeadlineHandler(options)
{
    /// <summary>Replaces the advice for a single picture.</summary>
    private const string Advice =
        "Send the pictures as the files 'files' of multipart/form-data, or a single one to /predict.";

    private static readonly string[] Parameters = [PredictionQuery.ModelParameter, PredictionQuery.RotateParameter];

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, JsonAnswer answer, long deadline)
    {
        if (PredictionQuery.Read(context.Request, models, Parameters, out PredictionQuery query) is { } badQuery)
        {
            return badQuery;
        }

        if (query.Explain)
        {
            return new Problem(
                ProblemType.BadQuery, "A batch is not explained; /predict?explain=true explains one picture.");
        }

        if (!MultipartForm.IsForm(context.Request.ContentType))
        {
            return new Problem(
                ProblemType.UnsupportedMediaType,
                $"A body of type '{Excerpt.Of(context.Request.ContentType)}' is not a form. {Advice}");
        }

        using UploadedBody body = await UploadedBody.ReadAsync(context, Options.MaxBatchUploadBytes, deadline, bodies);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        (Problem? badForm, RequestPicture[]? files) = await pictures.ParseAsync(
            PictureReader.IsExpensive(body.Memory), (Handler: this, context.Request.ContentType, body.Memory),
            static request => request.Handler.FindPictures(request.ContentType!, request.Memory), deadline,
            context.RequestAborted);
        if (files is null)
        {
            return badForm;
        }

        using ModelLease lease = models.Lease(query.Model);
        if (lease.Model.Queue.TryReject(files.Length))
        {
            return InferenceOutcome.QueueFull.ToProblem();
        }

        if (pictures.FindPixelProblem(files.Sum(file => pictures.CountPixels(file.Header))) is { } tooMany)
        {
            return new Problem(ProblemType.TooManyPixels, $"{tooMany} Send them in several calls.");
        }

        using var recognized = new RequestPictures(files) { Rotate = query.Rotate };
        InferenceOutcome outcome =
            await recognizer.ReadAsync(recognized, lease.Model, deadline, context.RequestAborted);
        if (outcome != InferenceOutcome.Computed)
        {
            return outcome.ToProblem();
        }

        context.Response.Headers["Server-Timing"] = recognized.Times.ToString();
        Write(answer.Writer, lease.Model, recognized, context.Request.PathBase);
        return null;
    }

    private (Problem? Problem, RequestPicture[]? Files) FindPictures(string contentType, Memory<byte> body)
    {
        List<FormPart> files = [];
        if (FindFiles(body.Span, contentType, files) is { } problem)
        {
            return (problem, null);
        }

        return (null, [.. files.Select(file =>
        {
            Range part = file.Content;
            Problem? problem = UploadedPicture.FindInPart(file.Name, body.Span, ref part);
            Memory<byte> picture = body[part];
            return new RequestPicture(picture) { Problem = FindProblem(picture.Length) ?? problem };
        })]);
    }

    private Problem? FindProblem(int length) =>
        length == 0
            ? new Problem(ProblemType.NoFile, "The picture is empty: it has 0 bytes. Send a file with a picture.")
        : length > Options.MaxUploadBytes
            ? ProblemType.BodyTooLarge.WithDetail($"The picture is larger than {Options.MaxUploadBytes} bytes.")
        : null;

    private Problem? FindFiles(ReadOnlySpan<byte> body, string contentType, List<FormPart> files)
    {
        if (MultipartForm.Parse(body, contentType, files) is { } violation)
        {
            return new Problem(ProblemType.MalformedMultipart, $"The form cannot be read: {violation}. {Advice}");
        }

        if (!files.Exists(IsPicture))
        {
            return new Problem(
                ProblemType.NoFile,
                $"The form has no file in a field named 'files'. It has {FormPart.Names(files)}. {Advice}");
        }

        files.RemoveAll(part => !IsPicture(part));
        return files.Count > Options.MaxFiles
            ? ProblemType.TooManyFiles.WithDetail(
                $"The form has {files.Count} pictures; the limit is {Options.MaxFiles}.")
            : null;
    }

    private static bool IsPicture(FormPart part) => part.Name is FormPart.Files or FormPart.File;

    private static void Write(
        Utf8JsonWriter writer, ServedModel model, RequestPictures pictures, PathString pathBase)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("predictions");
        foreach (RequestPicture picture in pictures.All)
        {
            if (picture.Problem is { } problem)
            {
                ServiceMetrics.Refused(problem.Slug);
                problem.PathBase = pathBase;
                JsonSerializer.Serialize(
                    writer, new BatchEntry(Error: problem), PredictionBatchJson.Default.BatchEntry);
            }
            else
            {
                Prediction prediction = Prediction.From(pictures, picture, model);
                ServiceMetrics.Predicted(prediction.Model.Name, prediction.Digit, prediction.IsDigit);
                JsonSerializer.Serialize(writer, new BatchEntry(prediction), PredictionBatchJson.Default.BatchEntry);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
