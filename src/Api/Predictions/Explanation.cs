using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Recognition;
using MnistLstm.Shared;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Normalization;

namespace MnistLstm.Api.Predictions;

/// <summary>The network's input, and its probabilities after each row.</summary>
internal static class Explanation
{
    /// <summary>Adds the rows and the input to a prediction.</summary>
    /// <param name="prediction">The prediction for the picture.</param>
    /// <param name="pictures">The pictures of the request, all read; the time spent is added to them.</param>
    /// <param name="picture">One of them, with a reading.</param>
    /// <param name="queue">Classifies T − 1 sequences; the t-th contains rows 1 to t and is blank below.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    public static async ValueTask<(InferenceOutcome Outcome, Prediction Prediction)> AddAsync(
        Prediction prediction,
        RequestPictures pictures,
        RequestPicture picture,
        InferenceQueue queue,
        long deadline,
        CancellationToken clientLeft)
    {
        DigitCandidate candidate = pictures.Readings.Candidate(picture.Reading)!;
        using var inference = InferenceRequest.Rent(RowSequence.TimeSteps - 1);
        for (int t = 1; t < RowSequence.TimeSteps; t++)
        {
            int read = t * RowSequence.Features;
            Span<float> rows = inference.Rows(t - 1);
            RowSequence.FromPixels(candidate.Pixels.AsSpan(0, read), rows);
            rows[read..].Clear();
        }

        InferenceOutcome outcome = await queue.ClassifyAsync(inference, deadline, clientLeft);
        if (outcome != InferenceOutcome.Computed)
        {
            return (outcome, prediction);
        }

        pictures.AddTimes(inference.Waited, inference.Computed);
        byte[] png = GrayPng.Encode(candidate.Pixels, RowSequence.Features, RowSequence.TimeSteps);
        return (outcome, prediction with
        {
            Rows =
            [
                .. Enumerable.Range(0, inference.Count).Select(n => inference.Probabilities(n).ToArray()),
                prediction.Probabilities,
            ],
            Input = "data:image/png;base64," + Convert.ToBase64String(png),
        });
    }
}
