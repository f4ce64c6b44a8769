using System.Text.Json;
using Microsoft.Extensions.Primitives;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Predictions;
using MnistLstm.Api.Problems;
using MnistLstm.Api.Settings;
using MnistLstm.Api.Telemetry;
using MnistLstm.Api.Uploads;

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

    /// <summary>Whether the log already says that the folder is full.</summary>
    private bool _isFull;

    protected override async ValueTask<Problem?> AnswerAsync(HttpContext context, long deadline)
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
        string file = "";
        InferenceOutcome outcome = await reader.RunAsync(
            isExpensive: true, // a disk may take its time
            picture,
            (kept, stop) => kept.Problem =
                Decode(kept, stop) ?? FindOtherData(kept) ?? Keep(digit, kept, stop, out file),
            deadline,
            context.RequestAborted);
        if (outcome != InferenceOutcome.Computed || picture.Problem is not null)
        {
            return outcome.ToProblem() ?? picture.Problem;
        }

        using var answer = JsonAnswer.Rent();
        JsonSerializer.Serialize(answer.Writer, new Correction(digit, file), CorrectionJson.Default.Correction);
        await answer.WriteToAsync(context.Response);
        return null;
    }

    private Problem? Decode(RequestPicture picture, CancellationToken stop)
    {
        StageTimings times = default;
        return reader.Read(picture, rotation: 0, ..1, [], ref times, stop);
    }

    private static Problem? FindOtherData(RequestPicture picture)
    {
        long most = (picture.Header.Pixels * MaxBytesOfPixel) + MaxBytesOfMetadata;
        return picture.File.Length <= most ? null : new Problem(
            ProblemType.BodyTooLarge,
            $"The file has {picture.File.Length:N0} bytes, and a picture of {picture.Header.Width} x "
            + $"{picture.Header.Height} pixels has at most {most:N0}. Save the picture again, without other data.");
    }

    private Problem? Keep(int digit, RequestPicture picture, CancellationToken stop, out string file)
    {
        string? kept;
        try
        {
            kept = store.Keep(digit, picture.File.Span, picture.Header.Format, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file = "";
            Log.CorrectionNotKept(logger, e.Message);
            return ProblemType.CorrectionsUnavailable.WithDetail("The folder of corrections cannot be written.");
        }

        file = kept ?? "";
        bool wasFull = Interlocked.Exchange(ref _isFull, kept is null);
        if (kept is null && !wasFull)
        {
            Log.CorrectionsFull(logger);
        }

        return kept is null ? ProblemType.CorrectionsFull.WithDetail("The folder of corrections is full.") : null;
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
