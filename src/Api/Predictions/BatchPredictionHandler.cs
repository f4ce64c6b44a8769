using System.Text.Json;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;

namespace MnistLstm.Api.Predictions;

/// <summary>Answers <c>POST /predict/batch</c>: several pictures in, as many answers out, in the same order.</summary>
public sealed class BatchPredictionHandler(
    ModelCatalog models, PictureReader pictures, BodyBudget bodies, ServiceOptions options)
{
    /// <summary>Replaces the advice for a single picture.</summary>
    private const string Advice =
        "Send the pictures as the files 'files' of multipart/form-data, or a single one to /predict.";

    public async Task HandleAsync(HttpContext context)
    {
        if (await AnswerAsync(context) is { } problem)
        {
            await problem.WriteAsync(context);
        }
    }

    /// <returns>Why there is no answer; null once the answer is written.</returns>
    private async ValueTask<Problem?> AnswerAsync(HttpContext context)
    {
        if (RequestDeadline.Read(context.Request, options.RequestTimeout, out long deadline) is { } badHeader)
        {
            return badHeader;
        }

        if (PredictionQuery.Read(context.Request, models, out PredictionQuery query) is { } badQuery)
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

        using UploadedBody body = await UploadedBody.ReadAsync(context, options.MaxBatchUploadBytes, deadline, bodies);
        if (body.Problem is not null)
        {
            return body.Problem;
        }

        List<FormPart> files = [];
        (Problem? badForm, ImageHeader[] headers) = await FindFilesAsync(context, body.Memory, files, deadline);
        if (badForm is not null)
        {
            return badForm;
        }

        using ModelLease lease = models.Lease(query.Model);
        if (lease.Model.Queue.Refuses(files.Count))
        {
            return InferenceOutcome.QueueFull.ToProblem();
        }

        using InferenceRequest inference = InferenceRequest.Rent(files.Count);
        StepTimes times = default;
        Problem?[] problems = new Problem?[files.Count];
        int readable;
        long pixels = headers.Sum(header => pictures.CountPixels(header));
        if (pictures.FindPixelProblem(pixels) is { } tooMany)
        {
            return ProblemType.TooManyPixels.Because(tooMany);
        }

        bool isLong = PictureReader.IsLong(pixels);
        using (PictureTurn turn = await pictures.EnterAsync(isLong, deadline, context.RequestAborted))
        {
            if (!turn.IsGiven)
            {
                return InferenceOutcome.Expired.ToProblem();
            }

            await turn.GoToThread();
            try
            {
                readable = ReadAll(body.Memory.Span, files, headers, inference, problems, ref times, turn.Stop);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                return InferenceOutcome.Expired.ToProblem();
            }
        }

        if (readable > 0)
        {
            inference.Truncate(readable);
            InferenceOutcome outcome = await lease.Model.Queue.ClassifyAsync(inference, deadline, context.RequestAborted);
            if (outcome != InferenceOutcome.Computed)
            {
                return outcome.ToProblem();
            }

            times.Queue = inference.Waited;
            times.Infer = inference.Computed;
        }

        context.Response.Headers["Server-Timing"] = times.ToString();
        using var answer = JsonAnswer.Rent();
        Write(answer.Writer, lease.Model, inference, problems);
        await answer.WriteToAsync(context.Response);
        return null;
    }

    /// <summary>Finds the pictures in the form; in a large form it takes a turn for long work.</summary>
    private async ValueTask<(Problem? Problem, ImageHeader[] Headers)> FindFilesAsync(
        HttpContext context, Memory<byte> body, List<FormPart> files, long deadline)
    {
        bool isLong = PictureReader.IsLong(body);
        using PictureTurn turn = isLong ? await pictures.EnterAsync(isLong, deadline, context.RequestAborted) : default;
        await turn.GoToThread();
        if (isLong && (!turn.IsGiven || Deadline.Left(deadline) == TimeSpan.Zero))
        {
            return (InferenceOutcome.Expired.ToProblem(), []);
        }

        if (FindFiles(body.Span, context.Request.ContentType!, files) is { } problem)
        {
            return (problem, []);
        }

        DecodeBase64(body.Span, files);
        return (null, [.. files.Select(file => ImageHeader.Read(body.Span.Slice(file.Start, file.Length)))]);
    }

    private Problem? FindFiles(ReadOnlySpan<byte> body, string contentType, List<FormPart> files)
    {
        if (MultipartForm.Parse(body, contentType, files) is { } violation)
        {
            return new Problem(ProblemType.MalformedMultipart, $"The form cannot be read: {violation}. {Advice}");
        }

        if (!files.Exists(IsPicture))
        {
            return new Problem(
                ProblemType.NoFile, $"The form has no file 'files' (it has {FormPart.Names(files)}). {Advice}");
        }

        files.RemoveAll(part => !IsPicture(part));
        return files.Count > options.MaxFiles
            ? ProblemType.TooManyFiles.Because(
                $"The form has {files.Count} pictures, and {options.MaxFiles} are read at once.")
            : null;
    }

    private static bool IsPicture(FormPart part) => part.Name is FormPart.Files or FormPart.File;

    /// <summary>
    /// Decodes pictures that are sent as base64 or data URIs; those that cannot be decoded are not pictures and are
    /// left as they are.
    /// </summary>
    private static void DecodeBase64(Span<byte> body, List<FormPart> files)
    {
        for (int i = 0; i < files.Count; i++)
        {
            Range picture = files[i].Content;
            if (UploadedPicture.DecodeBase64(body, ref picture) is null)
            {
                (int start, int length) = picture.GetOffsetAndLength(body.Length);
                files[i] = files[i] with { Start = start, Length = length };
            }
        }
    }

    /// <summary>Reads the pictures that can be read, one behind the other, and notes what is wrong with the others.</summary>
    /// <returns>How many could be read.</returns>
    private int ReadAll(
        ReadOnlySpan<byte> body,
        List<FormPart> files,
        ImageHeader[] headers,
        InferenceRequest inference,
        Problem?[] problems,
        ref StepTimes times,
        CancellationToken stop)
    {
        Span<byte> pixels = stackalloc byte[RowSequence.Length];
        int readable = 0;
        for (int i = 0; i < files.Count; i++)
        {
            problems[i] = files[i].Length == 0
                ? new Problem(ProblemType.NoFile, "The picture is empty: it has 0 bytes. Send a file with a picture.")
                : files[i].Length > options.MaxUploadBytes ? ProblemType.BodyTooLarge.Because($"The picture is larger than {options.MaxUploadBytes} bytes.")
                : pictures.Read(
                    body.Slice(files[i].Start, files[i].Length),
                    headers[i],
                    pixels,
                    inference,
                    readable,
                    ref times,
                    stop);
            readable += problems[i] is null ? 1 : 0;
        }

        return readable;
    }

    private static void Write(Utf8JsonWriter writer, ServedModel model, InferenceRequest inference, Problem?[] problems)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("predictions");
        int n = 0;
        foreach (Problem? problem in problems)
        {
            if (problem is null)
            {
                Prediction prediction = model.Interpret(inference, n++);
                ServiceMetrics.Predicted(prediction.Model.Name, prediction.Digit, prediction.IsDigit);
                JsonSerializer.Serialize(writer, prediction, PredictionBatchJson.Default.Prediction);
            }
            else
            {
                ServiceMetrics.Refused(problem.Type);
                JsonSerializer.Serialize(writer, new FailedPrediction(problem), PredictionBatchJson.Default.FailedPrediction);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
