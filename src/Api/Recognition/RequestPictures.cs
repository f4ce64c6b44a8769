using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Recognition;

/// <summary>The pictures of one request and their readings.</summary>
/// <remarks>Disposing returns the memory of the readings.</remarks>
public sealed class RequestPictures(params RequestPicture[] pictures) : IDisposable
{
    private InferenceRequest? _readings;

    /// <summary>The pictures in the order of the request.</summary>
    public ReadOnlySpan<RequestPicture> All => pictures;

    /// <summary>The index of the first picture that has a problem; -1 where none has.</summary>
    public int FirstProblem => Array.FindIndex(pictures, picture => picture.Problem is not null);

    /// <summary>The best reading of every picture that has one; see <see cref="RequestPicture.Reading"/>.</summary>
    public InferenceRequest Readings => _readings!;

    /// <summary>Time spent on each step so far.</summary>
    public StageTimings Times { get; internal set; }

    /// <summary>Whether to try all four rotations of each picture.</summary>
    public bool Rotate { get; init; }

    /// <summary>Whether to stop at the first problem, because the other pictures then need no answer.</summary>
    public bool StopsAtProblem { get; init; }

    public void Dispose() => _readings?.Dispose();

    /// <summary>Takes ownership of the first readings, which are still to be computed.</summary>
    internal void SetReadings(InferenceRequest readings) => _readings = readings;

    internal void AddTimes(TimeSpan queue, TimeSpan infer)
    {
        StageTimings times = Times;
        times.Queue += queue;
        times.Infer += infer;
        Times = times;
    }

    /// <summary>Whether a picture's reading must be compared with other candidates.</summary>
    internal bool IsDoubtful(RequestPicture picture, ModelCard card) =>
        picture.Reading >= 0
        && Readings.Candidate(picture.Reading) is { PassedThrough: false } candidate
        && !DigitReader.IsSure(card, candidate, Readings.Logits(picture.Reading));
}
