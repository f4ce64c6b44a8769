using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;

namespace MnistLstm.Api.Corrections;

/// <summary>Answers <c>POST /corrections</c>: stores a picture that <c>/predict</c> can decode.</summary>
internal sealed class CorrectionHandler(
    ModelCatalog models,
    PictureUpload upload,
    PictureReader reader,
    CorrectionStore store,
    ServiceOptions options,
    ILogger<CorrectionHandler> logger)
    : DeadlineHandler(options)
{
    public const string DigitParameter = "digit";

    // A file that is longer than its pixels in any form contains other data.
    private const int MaxBytesOfPixel = 8; // 16 bits each of red, green, blue and opacity
    private const int MaxBytesOfMetadata = 1 << 20; // color profile, thumbnail

    /// <summary>Minimum time between two log messages of the same kind.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    // Timestamps of the last log messages; 0 if there is none.
    private long _loggedFullAt;
    private long _loggedFailureAt;

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, JsonAnswer answer, long deadline)
    {
        if (ReadDigit(context.Request, out int digit) is { } badQuery)
        {
            return badQuery;
        }

        using PictureRequest request = await upload.ReceiveAsync(context, models.Default, images: 0, deadline);
        if (request.Problem is not null)
        {
            return request.Problem;
        }

        RequestPicture picture = request.Picture;
        InferenceOutcome outcome = await reader.RunAsync(
            PictureReader.IsExpensive(reader.CountPixels(picture.Header)),
            (picture, reader),
            static (state, stop) => state.picture.Problem = Check(state.picture, state.reader, stop),
            deadline,
            context.RequestAborted);
        return outcome == InferenceOutcome.Computed && picture.Problem is null
            ? await KeepAsync(context, answer, digit, picture, deadline)
            : outcome.ToProblem() ?? picture.Problem;
    }

    private static Problem? Check(RequestPicture picture, PictureReader reader, CancellationToken stop)
    {
        StageTimings times = default;
        long most = (picture.Header.Pixels * MaxBytesOfPixel) + MaxBytesOfMetadata;
        Problem? problem = reader.Read(picture, rotation: 0, ..1, [], ref times, stop);
        return problem is not null || picture.File.Length <= most ? problem : new Problem(
            ProblemType.BodyTooLarge,
            $"The file has {picture.File.Length:N0} bytes, but a picture of {picture.Header.Width} x "
            + $"{picture.Header.Height} pixels has at most {most:N0}. Save the picture again, without other data.");
    }

    private async ValueTask<Problem?> KeepAsync(
        HttpContext context, JsonAnswer answer, int digit, RequestPicture picture, long deadline)
    {
        string? file;
        try
        {
            file = await store.KeepAsync(
                digit, picture.File, picture.Header.Format, deadline, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            return ProblemType.DeadlinePassed.WithDetail("The deadline passed before the picture was stored.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (IsDue(ref _loggedFailureAt))
            {
                Log.CorrectionNotKept(logger, e.Message);
            }

            return ProblemType.CorrectionsUnavailable.WithDetail("The folder of corrections cannot be written.");
        }

        if (file is null)
        {
            if (IsDue(ref _loggedFullAt))
            {
                Log.CorrectionsFull(logger);
            }

            return ProblemType.CorrectionsFull.WithDetail("The folder of corrections is full.");
        }

        JsonSerializer.Serialize(answer.Writer, new Correction(digit, file), CorrectionJson.Default.Correction);
        return null;
    }

    private static bool IsDue(ref long lastAt)
    {
        long last = Volatile.Read(ref lastAt);
        return (last == 0 || Stopwatch.GetElapsedTime(last) >= LogInterval)
            && Interlocked.CompareExchange(ref lastAt, Stopwatch.GetTimestamp(), last) == last;
    }

    /// <returns>The problem, or null if there is none.</returns>
    private static Problem? ReadDigit(HttpRequest request, out int digit)
    {
        StringValues values = request.Query[DigitParameter];
        digit = values is [[>= '0' and <= '9' and var character]] ? character - '0' : -1;
        return digit >= 0 ? null : new Problem(
            ProblemType.BadQuery,
            values.Count == 0
                ? "The digit is missing. Name the one that the picture shows, as in /corrections?digit=7."
                : $"The parameter '{DigitParameter}' takes a digit from 0 to 9, once, not '{Excerpt.Of(values)}'.");
    }
}
