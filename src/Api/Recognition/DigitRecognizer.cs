using System.Runtime.CompilerServices;
using Microsoft.Extensions.ObjectPool;
using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Models;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Recognition;

/// <summary>
/// Reads the pictures of a request: decodes them, lets the model's queue classify their candidates, and keeps the
/// candidate with the most evidence.
/// </summary>
/// <remarks>
/// Nearly all pictures need only their first candidate. A doubtful picture is decoded again for its other candidates,
/// so that no decoded picture stays in memory while candidates wait in the queue.
/// </remarks>
public sealed class DigitRecognizer(PictureReader reader)
{
    /// <summary>Nats of evidence by which a rotated picture must exceed the upright one.</summary>
    private const float UprightMargin = 2;

    private static readonly int[] Turns = [90, 180, 270];

    private static readonly DefaultObjectPool<List<Proposal>> Lists = new(new ListPolicy(), maximumRetained: 256);

    private enum Stage
    {
        /// <summary>The first candidate of every picture.</summary>
        First,

        /// <summary>The first candidate of every picture, in the three other rotations.</summary>
        Turned,

        /// <summary>The other candidates of doubtful pictures.</summary>
        Others,
    }

    /// <param name="pictures">The pictures of the request; receive their readings or problems.</param>
    /// <param name="model">The model, leased.</param>
    /// <param name="deadline">A timestamp of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</param>
    /// <param name="clientLeft">Canceled when the client hangs up.</param>
    /// <returns>Computed, even if every picture has a problem; otherwise the reason why nothing was computed.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<InferenceOutcome> ReadAsync(
        RequestPictures pictures, ServedModel model, long deadline, CancellationToken clientLeft)
    {
        InferenceOutcome outcome = await RunAsync(Stage.First, pictures, model, deadline, clientLeft);
        if (outcome == InferenceOutcome.Computed && pictures.Rotate)
        {
            outcome = await RunAsync(Stage.Turned, pictures, model, deadline, clientLeft);
        }

        return outcome == InferenceOutcome.Computed
            ? await RunAsync(Stage.Others, pictures, model, deadline, clientLeft)
            : outcome;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InferenceOutcome> RunAsync(
        Stage stage, RequestPictures pictures, ServedModel model, long deadline, CancellationToken clientLeft)
    {
        long pixels = CountPixels(stage, pictures, model.Card);
        if (pixels == 0 && stage != Stage.First)
        {
            return InferenceOutcome.Computed;
        }

        List<Proposal> proposals = Lists.Get();
        try
        {
            InferenceOutcome outcome = await reader.RunAsync(
                PictureReader.IsExpensive(pixels),
                (Recognizer: this, stage, pictures, model.Card, proposals),
                static (state, stop) =>
                    state.Recognizer.Propose(state.stage, state.pictures, state.Card, state.proposals, stop),
                deadline,
                clientLeft);
            if (outcome != InferenceOutcome.Computed
                || proposals.Count == 0
                || (pictures.StopsAtProblem && pictures.FirstProblem >= 0))
            {
                return outcome;
            }

            InferenceRequest inference = CreateRequest(proposals);
            using IDisposable? compared = stage == Stage.First ? null : inference;
            if (stage == Stage.First)
            {
                pictures.SetReadings(inference);
            }

            outcome = await model.Queue.ClassifyAsync(inference, deadline, clientLeft);
            if (outcome == InferenceOutcome.Computed)
            {
                pictures.AddTimes(inference.Waited, inference.Computed);
                Judge(stage, pictures, proposals, inference);
            }

            return outcome;
        }
        finally
        {
            Lists.Return(proposals);
        }
    }

    private long CountPixels(Stage stage, RequestPictures pictures, ModelCard card)
    {
        long pixels = 0;
        foreach (RequestPicture picture in pictures.All)
        {
            if (AppliesTo(stage, pictures, picture, card))
            {
                pixels += reader.CountPixels(picture.Header) * (stage == Stage.Turned ? Turns.Length : 1);
            }
        }

        return pixels;
    }

    private static bool AppliesTo(
        Stage stage, RequestPictures pictures, RequestPicture picture, ModelCard card)
    {
        return stage switch
        {
            Stage.First => picture.Problem is null,
            Stage.Turned => picture.Reading >= 0,
            _ => pictures.IsDoubtful(picture, card),
        };
    }

    private void Propose(
        Stage stage, RequestPictures pictures, ModelCard card, List<Proposal> proposals, CancellationToken stop)
    {
        StageTimings times = pictures.Times;
        foreach (RequestPicture picture in pictures.All)
        {
            if (!AppliesTo(stage, pictures, picture, card))
            {
                continue;
            }

            switch (stage)
            {
                case Stage.First:
                    picture.Problem = reader.Read(picture, rotation: 0, ..1, proposals, ref times, stop);
                    break;
                case Stage.Turned:
                    foreach (int rotation in Turns)
                    {
                        reader.Read(picture, rotation, ..1, proposals, ref times, stop);
                    }

                    break;
                default:
                    reader.Read(picture, picture.Rotation, 1..DigitReader.MaxCandidates, proposals, ref times, stop);
                    break;
            }

            if (picture.Problem is not null && pictures.StopsAtProblem)
            {
                break;
            }
        }

        pictures.Times = times;
    }

    private static InferenceRequest CreateRequest(List<Proposal> proposals)
    {
        var inference = InferenceRequest.Rent(proposals.Count);
        for (int n = 0; n < proposals.Count; n++)
        {
            inference.Set(n, proposals[n].Candidate);
        }

        return inference;
    }

    /// <summary>Keeps each reading that is the first of its picture or better than the best so far.</summary>
    private static void Judge(
        Stage stage, RequestPictures pictures, List<Proposal> proposals, InferenceRequest inference)
    {
        for (int n = 0; n < proposals.Count; n++)
        {
            (RequestPicture picture, int rotation, _) = proposals[n];
            if (stage == Stage.First)
            {
                picture.Reading = n;
                continue;
            }

            InferenceRequest readings = pictures.Readings;
            float margin = rotation != 0 && picture.Rotation == 0 ? UprightMargin : 0;
            if (inference.Score(n) > readings.Score(picture.Reading) + margin)
            {
                readings.Replace(picture.Reading, inference, n);
                picture.Rotation = rotation;
            }
        }
    }

    private sealed class ListPolicy : PooledObjectPolicy<List<Proposal>>
    {
        /// <summary>The long list of a batch does not go back to the pool.</summary>
        private const int MaxPooled = 64;

        public override List<Proposal> Create() => [];

        public override bool Return(List<Proposal> obj)
        {
            obj.Clear();
            return obj.Capacity <= MaxPooled;
        }
    }
}
