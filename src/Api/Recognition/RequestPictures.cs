using MnistLstm.Api.Batching;
using MnistLstm.Api.Decoding;
using MnistLstm.Api.Telemetry;
using MnistLstm.Shared.Models;

namespace MnistLstm.Api.Recognition;

/// <summary>The pictures of one request and what was read in them.</summary>
/// <remarks>Disposing gives the readings' memory back.</remarks>
public sealed class RequestPictures(params RequestPicture[] pictures) : IDisposable
{
    private InferenceRequest? _readings;

    /// <summary>The pictures in the order of the request.</summary>
    public ReadOnlySpan<RequestPicture> All => pictures;

    /// <summary>Whether any picture has a problem.</summary>
    public bool HasProblem => Array.Exists(pictures, picture => picture.Problem is not null);

    /// <summary>The best reading of every picture that has one; see <see cref="RequestPicture.Reading"/>.</summary>
    public InferenceRequest Readings => _readings!;

    /// <summary>Time spent on each step so far.</summary>
    public StageTimings Times { get; internal set; }

    /// <summary>Tries all four rotations of each picture instead of the upright one alone.</summary>
    public bool Rotate { get; init; }

    /// <summary>Stops at the first picture that has a problem: the others need no answer then.</summary>
    public bool StopsAtProblem { get; init; }

    public void Dispose() => _readings?.Dispose();

    /// <summary>Takes over the first readings, which are still to be computed.</summary>
    internal void Own(InferenceRequest readings) => _readings = readings;

    internal void AddTimes(TimeSpan queue, TimeSpan infer)
    {
        StageTimings times = Times;
        times.Queue += queue;
        times.Infer += infer;
        Times = times;
    }

    /// <summary>Whether other candidates have to be compared with a picture's reading.</summary>
    internal bool IsDoubtful(RequestPicture picture, ModelCard card) =>
        picture.Reading >= 0
        && Readings.Candidate(picture.Reading) is { PassedThrough: false }
        && !DigitReader.IsSure(card, Readings.Logits(picture.Reading));
}
